"""`qibu demo --model`: a page for one file, that writes, reads or steps."""

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from any_files import SENSORS, write_sensor, write_whole
from graphs import cache, leaky, save
from small_texts import write_model

import qibu
from qibu import InputError, NotStreamingError, Sampling, Stepper, Writer
from qibu_demo.page import bundled
from qibu_demo.page.views import walk_view
from qibu_demo.step.logic import columns, example, rows_of, walk
from qibu_demo.step.tab import uploaded
from qibu_demo.text.logic import TextWish, begin, in_parts
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


def test_without_an_own_text_the_page_has_no_writer() -> None:
    with pytest.raises(InputError, match="qibu demo --model FILE"):
        bundled.the_writer()


@pytest.mark.usefixtures("_as_it_was")
def test_a_page_for_a_model_has_that_alone(writer: Writer) -> None:
    bundled.show_only("own", writer)
    assert bundled.the_writer() is writer
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


def test_a_recording_that_is_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="5001 steps, at most 5000"):
        rows_of("1\n" * 5001)


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
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2 and told in done.stderr
        assert "Traceback" not in done.stderr
