"""`qibu demo --model`: a page for one file, that writes, reads or steps."""

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from any_files import SENSORS, write_sensor, write_stranger, write_whole
from graphs import cache, leaky, save
from small_texts import write_model

import qibu
from qibu import (
    InputError,
    NotStreamingError,
    Sampling,
    Stepper,
    UnknownCharacterError,
    Writer,
)
from qibu.core.model_file import ModelSpec, PortNote
from qibu.core.port import StatePair
from qibu_demo.page import bundled
from qibu_demo.step.columns import columns, columns_in_short, example
from qibu_demo.step.logic import Walk, rows_of, walk
from qibu_demo.step.programs import programs
from qibu_demo.step.tab import uploaded
from qibu_demo.step.view import walk_view
from qibu_demo.text.logic import TextWish, begin, in_parts
from qibu_demo.text.starts import starts
from qibu_demo.text.tab import alphabet
from visitor import Failed, Page, served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def own(folder: Path) -> Path:
    return write_model(folder / "own.onnx", "gru", "byte", "int8")


@pytest.fixture(scope="module")
def writer(own: Path) -> Writer:
    writer: Writer = qibu.load(own)
    return writer


@pytest.fixture
def _as_it_was() -> Iterator[None]:
    yield
    bundled._own.clear()


@pytest.fixture(scope="module")
def page(own: Path) -> Iterator[Page]:
    with served("--model", str(own)) as (address, _):
        yield Page(address)


def shown_text(sheet: str) -> str:
    found = re.search(r'<pre class="qb-text"[^>]*>(.*)</pre>', sheet, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def test_an_own_text_comes_bit_by_bit_and_is_that_of_the_seed(page: Page, writer: Writer) -> None:
    fields = {"qb-text-start": "The old ", "qb-seed": 5, "qb-length": 60}
    sheets = [shown for (shown,) in page.press("qb-write", **fields)]
    assert len(sheets) > 5 and "qb-writing" in sheets[0] and "qb-writing" not in sheets[-1]
    wanted = writer.write("The old ", seed=5, length=60, sampling=Sampling()).text
    assert shown_text(sheets[-1]) == wanted
    assert all(wanted.startswith(shown_text(sheet)) for sheet in sheets)


def test_an_own_text_ends_before_the_end_of_a_line(page: Page, writer: Writer) -> None:
    *_, (sheet,) = page.press("qb-write", **{"qb-before": r"\n", "qb-seed": 2})
    assert 'data-ended="stop"' in sheet
    assert shown_text(sheet) == writer.write(seed=2, stop="\n").text


def test_a_wish_that_cannot_be_had_is_told(page: Page) -> None:
    with pytest.raises(Failed, match="greater than maximum value 5000"):
        list(page.press("qb-write", **{"qb-length": 100_000}))


def test_an_unknown_character_is_told_in_a_visitor_s_words(tmp_path: Path) -> None:
    writer: Writer = qibu.load(write_model(tmp_path / "char.onnx"))
    with pytest.raises(
        UnknownCharacterError, match=r"^the model doesn't know <、春; leave them out$"
    ):
        begin(writer, TextWish("The <春"))


def test_beginnings_are_words_of_the_model_s_own(tmp_path: Path, writer: Writer) -> None:
    english: Writer = qibu.load(write_model(tmp_path / "char.onnx"))
    assert set(starts(english)) <= {"The", "A", "My", "That", "No"}
    assert 1 <= len(starts(english)) <= 3 and starts(english) == starts(english)
    assert starts(writer) and all(word.isalnum() and len(word) <= 12 for word in starts(writer))
    assert alphabet(writer) == ("takes any character", "任何字皆可")
    count = len(english.vocabulary.characters)
    assert alphabet(english)[1].startswith(f"識得 {count} 字：,.01A")


def test_the_page_of_a_text_has_no_poems(page: Page) -> None:
    with pytest.raises(StopIteration):
        page.event("qb-digit-read")
    with pytest.raises(StopIteration):
        page.event("qb-link")


@pytest.mark.parametrize(
    "wish",
    [{"length": 0}, {"length": 2.5}, {"seed": -1}, {"temperature": None}, {"start": "a" * 999}],
)
def test_a_text_wish_out_of_its_range_is_an_error(wish: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wish))):
        TextWish(**wish)  # type: ignore[arg-type]


def test_a_text_comes_in_parts(writer: Writer) -> None:
    wish = TextWish("The ", 40, seed=3)
    parts = list(in_parts(begin(writer, wish)))
    assert "".join(parts) == writer.write("The ", length=40, seed=3).text
    assert len(parts) > 8


@pytest.mark.usefixtures("_as_it_was")
def test_a_page_for_a_model_has_that_alone() -> None:
    gru = qibu.load("poem-gru")
    bundled.show_only("mine", gru)
    assert bundled.the_poet() is gru and bundled.poets() == ["mine"]


def test_any_stateful_file_is_stepped_over_csv_with_plots(folder: Path) -> None:
    write_sensor(folder / "sensor.onnx")
    stepper = Stepper(folder / "sensor.onnx")
    assert columns(stepper) == list(SENSORS)
    rows = rows_of(example(stepper))
    with served("--model", str(folder / "sensor.onnx")) as (address, _):
        *_, (view,) = Page(address).press("qb-run-rows")
        with pytest.raises(Failed, match="a row has 2 values, the model reads 3"):
            list(Page(address).press("qb-run-rows", **{"qb-csv": "1,2\n3,4"}))
        with pytest.raises(Failed, match=r"the CSV, line 2: .*x.* is no number"):
            list(Page(address).press("qb-run-rows", **{"qb-csv": "1,2,3\n1,x,3"}))
    assert f'data-steps="{len(rows)}"' in view and "<polyline" in view
    names = re.findall(r'data-name="([^"]+)"', view)
    assert names == [*stepper.outputs, *(pair.input for pair in stepper.pairs)]


def test_a_walk_gives_what_the_steps_give(tmp_path: Path) -> None:
    stepper = Stepper(save(leaky(), tmp_path / "leaky.onnx"))
    rows = rows_of("a,b,c\n1,2,3\n4,5,6\n7,8,9")
    *_, walked = walk(stepper, rows)
    sums = rows.cumsum(0)
    assert walked.outputs["y"].tolist() == sums.tolist()
    assert walked.states["state_in"].tolist() == sums.T.tolist()
    assert len(list(walk(stepper, rows_of(example(stepper))))) == 24


def test_a_state_that_grows_is_shown_too(tmp_path: Path) -> None:
    stepper = Stepper(save(cache(), tmp_path / "cache.onnx"))
    *_, walked = walk(stepper, rows_of(example(stepper)))
    (states,) = walked.states.values()
    assert states.shape[1] == 24 and states[-1, 0] == 0  # filled up
    assert "qb-heat" in walk_view(walked, "en")


def test_an_example_fits_inputs_of_several_types(tmp_path: Path) -> None:
    stepper = Stepper(write_stranger(tmp_path / "stranger.onnx"))
    rows = rows_of(example(stepper))
    assert rows.shape == (24, 41)
    assert len(list(walk(stepper, rows))) == 24  # the rate is whole
    assert columns_in_short(stepper) == ["frame[0] … frame[39]", "rate"]


def test_an_example_begins_with_names_and_goes_on_after_its_trace(folder: Path) -> None:
    stepper = Stepper(write_sensor(folder / "named.onnx"))
    lines = example(stepper).splitlines()
    assert lines[0] == ",".join(SENSORS)
    assert stepper.spec is not None and stepper.spec.trace is not None
    traced = [step["inputs"]["x"].array().reshape(-1, 3) for step in stepper.spec.trace.steps]
    rows = rows_of(example(stepper))
    assert rows.shape == (24, 3)  # of a trace of six
    for start in (0, 6, 18):
        assert rows[start : start + 6].tolist() == pytest.approx(np.concatenate(traced), rel=1e-3)


def test_an_example_of_wide_rows_stays_small(tmp_path: Path) -> None:
    wide = Stepper(save(leaky(("batch", 512), ("batch", 512)), tmp_path / "wide.onnx"))
    assert rows_of(example(wide)).shape == (7, 512)
    image = ("batch", 3, 100, 100)
    assert example(Stepper(save(leaky(image, image), tmp_path / "image.onnx"))) == ""


def test_numbers_as_names_are_no_first_row(tmp_path: Path) -> None:
    pair = StatePair("state_in", "state_out", (None, 3))
    spec = ModelSpec((pair,), ports={"x": PortNote(labels=("1", "nan", "2,5"))})
    stepper = Stepper(save(leaky(), tmp_path / "numbers.onnx", spec))
    assert rows_of(example(stepper)).shape == (24, 3)


def test_lines_have_their_names_and_one_step_is_seen(folder: Path) -> None:
    stepper = Stepper(write_sensor(folder / "legend.onnx"))
    *_, walked = walk(stepper, np.zeros((1, 3)))
    shown = walk_view(walked, "en", stepper.spec)
    assert re.findall(r"<li [^>]*>(\w+)</li>", shown) == ["odd", "leak"]
    assert "0: as ever, 1: never seen" in shown
    for points in re.findall(r'points="([^"]*)"', shown):
        first, second = points.split()
        assert first == second  # a line without length, which its round ends make a dot
    assert "第 1 步" in walk_view(walked, "zh")


def test_what_is_no_number_is_shown_too() -> None:
    walked = Walk()
    for value in (np.nan, 1.0, np.inf):
        row = np.array([value, 2.0], np.float32)
        walked.add({"y": row}, {"h": row})
    assert 'data-steps="3"' in walk_view(walked, "en")


def test_a_state_shown_in_part_says_so() -> None:
    walked = Walk()
    walked.add({}, {"h": np.zeros(300, np.float32)})
    assert "the first 256 of 300 numbers" in walk_view(walked, "en")


def test_a_program_steps_over_csv(tmp_path: Path) -> None:
    ((step, _),) = programs(Stepper(save(leaky(), tmp_path / "leaky.onnx")))
    assert step("1,2,3\n4,5,6") == {"steps": 2, "outputs": {"y": [[1, 2, 3], [5, 7, 9]]}}
    with pytest.raises(gr.Error, match="a row has 2 values, the model reads 3"):
        step("1,2")


def test_a_program_gets_no_answer_without_end(tmp_path: Path) -> None:
    wide = save(leaky(("batch", 512), ("batch", 512)), tmp_path / "wide.onnx")
    ((step, _),) = programs(Stepper(wide))
    row = ",".join(["1"] * 512)
    with pytest.raises(gr.Error, match="would be 512000 values, at most 500000"):
        step("\n".join([row] * 1000))


def test_a_recording_that_is_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="5001 steps, at most 5000"):
        rows_of("1\n" * 5001)


def test_csv_of_too_many_characters_is_refused() -> None:
    with pytest.raises(InputError, match="at most 5000000 are read"):
        rows_of("1" * 5_000_001)


def test_an_upload_is_read_and_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes("1,2\n".encode("utf-8-sig"))
    assert uploaded(str(file)) == "1,2\n" and not file.exists()
    file.write_bytes(b"1\xff")
    with pytest.raises(InputError, match="byte 2"):
        uploaded(str(file))


def test_what_cannot_be_stepped_has_no_page(folder: Path) -> None:
    write_whole(folder / "whole.onnx")
    with pytest.raises(NotStreamingError, match="whole sequences"):
        columns(Stepper(folder / "whole.onnx"))
    for told, *arguments in (
        ("whole sequences", str(folder / "whole.onnx")),
        ("no model", str(folder / "none.onnx")),
        ("leave --model", "poem", "--space", str(folder / "space")),
    ):
        command = [sys.executable, "-m", "qibu", "demo", "--model", *arguments]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 2 and told in done.stderr
        assert "Traceback" not in done.stderr
