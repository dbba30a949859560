"""Golden traces: the bundled models keep theirs, and nothing else passes for one."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qibu
from qibu.bundled import MODELS
from qibu.cli.main import main
from qibu.pictures.digit_trace import ink_rows
from qibu.quality.trace import make_trace
from qibu.quality.trace_check import check_trace
from qibu.text.seeded_random import uniform_numbers
from qibu.text.token_classes import fill
from qibu.verse.forms import is_han
from qibu.verse.poem_trace import classes

FOLDER = Path(__file__).parents[2] / "traces"
TRACES = sorted(FOLDER.glob("*.json"))


def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_a_bundled_model_keeps_its_trace(path: Path) -> None:
    trace = json.loads(path.read_text("utf-8"))
    check = check_trace(qibu.load(MODELS / trace["model"]), trace)
    assert set(check.differences) <= {"logits", "probabilities", "states"}


def test_every_bundled_model_that_steps_has_a_small_trace() -> None:
    traced = {read(path.stem)["model"] for path in TRACES}
    specs = {path: qibu.Stepper(path).spec for path in MODELS.rglob("*.onnx")}
    stepped = {path for path, spec in specs.items() if spec is not None and spec.streaming}
    assert traced == {path.relative_to(MODELS).as_posix() for path in stepped}
    assert max(path.stat().st_size for path in TRACES) < 60_000


@pytest.mark.parametrize("name", ["poem", "float-poem"])
def test_uniform_numbers_of_a_trace_are_those_of_its_seed(name: str) -> None:
    for sequence in read(name)["sequences"]:
        found = [step["uniform"] for step in sequence["steps"]]
        assert found == [float(x) for x in islice(uniform_numbers(sequence["seed"]), len(found))]


def test_a_text_model_s_trace_goes_there_and_back(poem_file: Path) -> None:
    poet = qibu.load(poem_file)
    trace = json.loads(json.dumps(make_trace(poet, "poem.onnx")))
    assert check_trace(poet, trace).tokens == sum(len(s["steps"]) for s in trace["sequences"])


def test_a_digits_model_s_trace_goes_there_and_back(
    digits_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "trace.json"
    assert main(["trace", str(digits_file), "--out", str(out)]) == 0
    assert json.loads(out.read_text("utf-8"))["model"] == "digits.onnx"
    assert main(["trace", str(digits_file), "--check", str(out)]) == 0
    assert capsys.readouterr().out.startswith("as in the trace: probabilities")
    assert main(["trace", str(digits_file)]) == 0
    assert capsys.readouterr().out == out.read_text("utf-8")


def test_a_class_is_its_tokens(poem_file: Path) -> None:
    poet = qibu.load(poem_file)
    assert isinstance(poet, qibu.Poet)
    size = len(poet.vocabulary)
    row = np.zeros(size, np.float32)
    fill(row, classes(poet)["han"])
    wanted = [is_han(poet.vocabulary.token(number)) for number in range(size)]
    assert ((row == 0).tolist(), (row == -np.inf).tolist()) == (
        wanted,
        [not allowed for allowed in wanted],
    )


def test_ink_is_sixteenths() -> None:
    assert ink_rows(["0f5"]).tolist() == [[0, 1, float(np.float32(1 / 3))]]


def spoil(trace: Any, *path: str | int, by: float) -> Any:
    place = trace
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] += by
    return trace


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("poem", ("sequences", 0, "steps", 3, "token")),
        ("poem", ("sequences", 1, "steps", 3, "top", "logits", 4)),
        ("poem", ("sequences", 2, "states", "c_out", "values", 7)),
        ("digits", ("sequences", 0, "probabilities", 27, 9)),
        ("digits", ("sequences", 4, "states", "h_out", "values", 0)),
    ],
)
def test_another_value_fails_the_check(
    name: str, path: tuple[str | int, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trace.json"
    file.write_text(json.dumps(spoil(read(name), *path, by=1)), "utf-8")
    assert main(["trace", name, "--check", str(file)]) == 1
    assert "sequence" in capsys.readouterr().err


def test_another_poem_fails_the_check() -> None:
    trace = read("poem")
    trace["poems"][0]["text"] = "床前明月光，疑是地上霜。"
    with pytest.raises(qibu.VerificationError, match="床前明月光"):
        check_trace(qibu.load("poem"), trace)


def test_the_trace_of_another_model_is_refused() -> None:
    with pytest.raises(qibu.ModelFileError, match="make the trace anew"):
        check_trace(qibu.load("digits"), read("float-digits"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', None])
def test_what_is_no_trace_is_refused(
    text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trace.json"
    if text is not None:
        file.write_text(text, "utf-8")
    assert main(["trace", "digits", "--check", str(file)]) == 2
    assert "trace" in capsys.readouterr().err


def test_a_trace_that_lacks_something_is_refused() -> None:
    trace = read("digits")
    del trace["sequences"][0]["states"]["h_out"]
    with pytest.raises(qibu.InputError, match="h_out"):
        check_trace(qibu.load("digits"), trace)


def test_a_model_that_reads_both_ways_has_no_trace(
    bilateral_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", str(bilateral_file)]) == 2
    assert "bidirectional" in capsys.readouterr().err
