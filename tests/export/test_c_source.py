"""A model's step as C: built by strict compilers, under sanitizers, held to the golden traces."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import qibu
from qibu.cli.main import main
from qibu.pictures.digit_trace import ink_rows
from qibu.verse.tones import RHYMES
from qibu_export.digits import c_program as digits_program
from qibu_export.targets.c import c_source
from qibu_export.targets.c.c_graph import write_graph
from qibu_export.text import c_writing
from qibu_export.trained.export import export
from qibu_train.core.checkpoint import Checkpoint

TRACES = Path(__file__).parent.parent / "traces"
COMPILER = shutil.which("gcc") or shutil.which("cc")
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror"]
SANITIZERS = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
MakeCheckpoint = Callable[..., Checkpoint]

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (Debian: gcc)")


PARTS = (
    "qibu",
    "options",
    "sampler",
    "utf8",
    "writer",
    "verse",
    "verse_data",
    "graph",
    "graph_data",
)


def build(folder: Path, program: str, options: Sequence[str] = SANITIZERS) -> Path:
    """Compile a program of a folder, beside it; what two programs share is compiled once."""
    beside = folder.parent / f"{folder.name}{options[0]}"
    beside.mkdir(exist_ok=True)
    sources = [folder / f"{name}.c" for name in (program, *PARTS)]
    objects = []
    for source in filter(Path.exists, sources):
        objects.append(str(beside / f"{source.stem}.o"))
        if not Path(objects[-1]).exists():
            command = [str(COMPILER), *STRICT, *options, "-c", str(source), "-o", objects[-1]]
            subprocess.run(command, check=True)
    built = beside / program
    command = [str(COMPILER), *options, "-o", str(built), *objects, "-lm"]
    subprocess.run(command, check=True)
    return built


def run(
    program: Path, folder: Path, arguments: Sequence[str] = (), text: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def words(trace: Any) -> str:
    program = digits_program if trace["task"] == "digits" else c_writing
    return "".join(f"{line}\n" for line in program.words(trace))


def trace_of(name: str) -> Any:
    return json.loads((TRACES / f"{name}.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("c") / "digits"
    assert main(["export", "digits", "--c", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def reader(digits: Path) -> Path:
    return build(digits, "digits")


@pytest.fixture(scope="module")
def poem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("c") / "poem"
    assert main(["export", "poem", "--c", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def writer(poem: Path) -> Path:
    return build(poem, "poem")


@pytest.mark.parametrize("name", ["digits", "poem"])
def test_c_keeps_the_golden_trace(name: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    done = run(build(folder, "check", ["-O2"]), folder, text=words(trace_of(name)))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize("name", ["digits", "poem"])
def test_sanitizers_find_nothing_in_the_golden_trace(
    name: str, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(name)
    trace = trace_of(name)
    trace["sequences"] = trace["sequences"][-1:]  # the shortest, since they are slow
    done = run(build(folder, "check"), folder, text=words(trace))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_another_value_fails_c_s_check(digits: Path) -> None:
    trace = trace_of("digits")
    trace["sequences"][1]["probabilities"][20][3] += 0.5
    done = run(build(digits, "check", ["-O2"]), digits, text=words(trace))
    assert done.returncode == 1 and "off by 5.0e-01" in done.stdout


def rows_of(name: str) -> list[str]:
    sequence = next(s for s in trace_of("digits")["sequences"] if s["name"] == name)
    return [" ".join(map(str, row)) for row in ink_rows(sequence["rows"])]


def test_a_picture_on_stdin_is_read_row_by_row(digits: Path, reader: Path) -> None:
    text = "\n".join([*rows_of("4"), "", *rows_of("7")])
    done = run(reader, digits, text=text)
    assert (done.returncode, done.stderr) == (0, "")
    found = np.array([line.split() for line in done.stdout.splitlines()], float)
    python = qibu.load("digits")
    wanted = [
        row
        for name in ("4", "7")
        for s in trace_of("digits")["sequences"]
        if s["name"] == name
        for row in python.rows(ink_rows(s["rows"]))
    ]
    assert np.abs(found - np.array(wanted)).max() < 1e-5  # six digits, and a little for tanh
    assert found[[27, 55]].argmax(1).tolist() == [4, 7]


ROW = " ".join(["0"] * 28)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "picture must be (28, 28), got nothing"),
        (ROW.removesuffix(" 0"), "a row must be 28 numbers, got 27"),
        (f"{ROW} 0", "a row must be 28 numbers, got at least 29"),
        (f"{ROW}\n{ROW[:-1]}x", "line 2: a row must be 28 numbers, got something else"),
        (f"{ROW[:-1]}0.5ink", "a row must be 28 numbers, got something else"),
        (f"{ROW[:-1]}nan", "picture must have ink 0..1"),
        (f"{ROW[:-1]}inf", "picture must have ink 0..1"),
        (f"{ROW[:-1]}1.01", "picture must have ink 0..1"),
        (f"{ROW[:-1]}-1", "picture must have ink 0..1"),
        ("\n".join([ROW] * 27), "picture must be (28, 28), got 27 rows"),
        ("\n".join([ROW] * 27) + "\n\n" + ROW, "picture must be (28, 28), got 27 rows"),
        ("\n".join([ROW] * 29), "picture must be (28, 28), got more rows"),
        ("0" * 5000, "a line without end"),
    ],
)
def test_bad_rows_end_in_a_message(text: str, told: str, digits: Path, reader: Path) -> None:
    done = run(reader, digits, text=text)
    assert done.returncode == 2
    assert told in done.stderr and done.stderr.count("\n") == 1


def test_a_seed_s_poem_is_python_s(poem: Path, writer: Path) -> None:
    quick = build(poem, "poem", ["-O2"])
    for number, wanted in enumerate(trace_of("poem")["poems"]):
        arguments = ["--form", wanted["form"], "--seed", str(wanted["seed"])]
        arguments += ["--start", wanted["start"]]
        done = run(quick if number else writer, poem, arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.replace("\n", "") == wanted["text"]
        assert done.stdout == wanted["text"].replace("。", "。\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--seed", "-1"], "seed must be 0..2**64-1, got -1"),
        (["--seed", "18446744073709551616"], "seed must be 0..2**64-1"),
        (["--seed", "7x"], "seed must be 0..2**64-1, got 7x"),
        (["--form", "sonnet"], "the model knows no form 'sonnet'"),
        (["--start", "A"], "the model doesn't know A; leave them out"),
        (["--start", "\N{DROMEDARY CAMEL}"], "the model doesn't know"),
        (
            ["--start", "白日白日白日白日"],
            "the first line of 七絕 has 7; give its first line at most",
        ),
        (["--temperature", "0"], "input 'temperature' must be above 0, got 0"),
        (["--temperature", "nan"], "input 'temperature' must be above 0"),
        (["--top-p", "1.5"], "input 'top_p' must be above 0 and at most 1, got 1.5"),
        (["--top-k", "-1"], "top_k must be 0 (all) or above, got -1"),
        (["--weights", "none"], "no weights"),
        (["--seed"], "usage: poem"),
        (["sing", "loud"], "usage: poem"),
    ],
)
def test_bad_wishes_end_in_a_message(
    arguments: list[str], told: str, poem: Path, writer: Path
) -> None:
    done = run(writer, poem, arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_the_poem_s_help_names_forms_and_options(poem: Path, writer: Path) -> None:
    done = run(writer, poem, ["--help"])
    assert (done.returncode, done.stderr) == (0, "")
    for told in ("--form FORM", "五絕", "--start TEXT", "--seed N", "--top-p P", "default: 0.8"):
        assert told in done.stdout


def test_other_weights_are_not_computed_with(poem: Path, writer: Path, tmp_path: Path) -> None:
    weights = bytearray((poem / "graph.bin").read_bytes())
    weights[5_000_000] ^= 1
    (tmp_path / "other.bin").write_bytes(weights)
    (tmp_path / "short.bin").write_bytes(weights[:1000])
    for name in ("other.bin", "short.bin"):
        done = run(writer, poem, ["--weights", str(tmp_path / name)])
        assert done.returncode == 2 and "damaged or another model's" in done.stderr


def test_a_step_takes_the_stack_that_is_told_and_no_heap(digits: Path, tmp_path: Path) -> None:
    told = (digits / "README.md").read_text("utf-8")
    working = int(told.partition("working memory of a step ")[2].split()[0].replace(",", ""))
    command = [str(COMPILER), *STRICT, "-Os", "-fstack-usage", "-c", str(digits / "graph.c")]
    subprocess.run(command, cwd=tmp_path, check=True)
    (usage,) = (file.read_text("utf-8") for file in tmp_path.glob("*.su"))
    taken = max(int(line.split("\t")[1]) for line in usage.splitlines())
    assert working <= taken <= working + 256
    assert "malloc" not in (digits / "graph.c").read_text("utf-8")


def test_the_makefile_builds_and_checks(digits: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(digits, tmp_path / "copy")
    done = subprocess.run(
        ["make", "-s", "digits", "test"], cwd=copy, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("probabilities off by")


CHARACTERS = "，。" + "".join(sorted({c for name in "東真陽有屋" for c in RHYMES[name].characters}))


@pytest.mark.parametrize(("task", "cell"), [("digits", "rnn"), ("digits", "gru"), ("poem", "lstm")])
def test_every_cell_becomes_c_that_keeps_its_trace(
    task: str,
    cell: str,
    make_checkpoint: MakeCheckpoint,
    save_run: Callable[[Checkpoint, Path], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkpoint = make_checkpoint(task, cell, 2, characters=CHARACTERS)
    run_folder, folder = save_run(checkpoint, tmp_path / "run"), tmp_path / "c"
    assert main(["export", str(run_folder), "--c", str(folder)]) == 0
    assert "off by" in capsys.readouterr().out  # what the built check said
    header = (folder / "qibu.h").read_text("utf-8")
    assert f'#define QIBU_CELL "{cell}"' in header and "float32" in header


def test_a_model_in_8_bits_becomes_c(make_checkpoint: MakeCheckpoint, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    export(make_checkpoint("digits", "gru"), model, lambda path: {}, "int8")
    assert "off by" in c_source.write(model, tmp_path / "c")


@pytest.fixture
def generated(digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the graph's C from a folder that is there, since generating it takes seconds."""

    def copy(_: onnx.ModelProto, folder: Path, __: int) -> tuple[None, int]:
        for name in ("graph.c", "graph_data.c"):
            shutil.copy(digits / name, folder / name)
        return None, 0

    monkeypatch.setattr(c_source, "write_graph", copy)


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.c").write_text("int main;", "utf-8")
    for name, told in (("full", "holds something already"), ("full/mine.c", "is a file")):
        assert main(["export", "digits", "--c", str(tmp_path / name)]) == 2
        assert told in capsys.readouterr().err
    assert (tmp_path / "full" / "mine.c").read_text("utf-8") == "int main;"


def test_a_model_that_reads_both_ways_can_t_become_c(
    make_checkpoint: MakeCheckpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(make_checkpoint("digits", "bilstm"), tmp_path / "model.onnx")
    assert main(["export", str(tmp_path / "model.onnx"), "--c", str(tmp_path / "c")]) == 2
    assert "bidirectional" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_an_operator_that_c_can_t_be_made_of_is_named(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info
    node = helper.make_node("Wonder", ["x"], ["y"], domain="elsewhere")
    ports = [value("x", TensorProto.FLOAT, [1])], [value("y", TensorProto.FLOAT, [1])]
    graph = helper.make_graph([node], "odd", *ports)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("elsewhere", 1)]
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    with pytest.raises(qibu.ModelFileError, match="Wonder"):
        write_graph(model, tmp_path, 0)


@pytest.mark.usefixtures("generated")
def test_c_that_computes_something_else_leaves_no_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = trace_of("digits")
    trace["sequences"][0]["probabilities"][27][0] -= 0.5
    monkeypatch.setattr(digits_program, "make_trace", lambda *_: trace)
    assert main(["export", "digits", "--c", str(tmp_path / "c")]) == 1
    assert "does not do what the model does" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("generated")
def test_without_a_compiler_the_check_is_left_to_the_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert main(["export", "digits", "--c", str(tmp_path / "c")]) == 0
    assert "no C compiler here" in capsys.readouterr().out
