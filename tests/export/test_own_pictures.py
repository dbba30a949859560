"""A model of somebody's own pictures, from folders to what every command makes of it."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from picture_sets import CLASSES, bright_parts, write_folders
from PIL import Image

import qibu
from qibu.cli.main import main
from qibu.pictures.digit_trace import ink_rows
from qibu.quality.trace import make_trace
from qibu_export.targets.c.names import quoted

SETTINGS = ["hidden_size=16", "num_layers=1", "bfloat16=false", "batch_units=8", "dropout=0"]
NAMES = ("bottom", 'a "left?? one"\\', "鞋 top")  # in the order of the folders


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folders(tmp_path_factory.mktemp("own") / "shapes")


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train for seconds, with names of the classes that are hard to write."""
    path = tmp_path_factory.mktemp("run") / "run"
    labels = path.parent / "labels.txt"
    labels.write_text("\n".join(NAMES), "utf-8")
    where = ["--from", str(folder), "--run", str(path), "--labels", str(labels)]
    settings = ["--set", "epochs=8", "learning_rate=0.02", *SETTINGS]
    assert main(["train", "digits", "--cell", "gru", *where, *settings]) == 0
    return path


@pytest.fixture(scope="module")
def model(run: Path, folder: Path) -> Path:
    path = run.parent / "shapes.onnx"
    assert main(["export", str(run), "--evaluate", "--from", str(folder), "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Write new pictures, one of each class, in colour, of another size than the model's."""
    place = tmp_path_factory.mktemp("new")
    paths = []
    for picture, label in zip(*bright_parts(3, 7), strict=True):
        paths.append(place / f"{label}.png")
        Image.fromarray(picture, "L").convert("RGB").resize((36, 51)).save(paths[-1])
    return paths


def test_the_file_says_what_it_reads(model: Path, folder: Path) -> None:
    reader = qibu.load(model)
    assert isinstance(reader, qibu.Reader)
    assert reader.labels == NAMES
    spec = reader.stepper.spec
    assert spec is not None
    assert spec.part["picture"] == {
        "height": 17,
        "width": 12,
        "preparation": "scale",
        "background": reader.pictures.background,
    }
    assert spec.ports["probabilities"].labels == NAMES
    assert spec.part["preprocessing"]["rows"].startswith("17 rows of 12 pixels from the top, 0")
    assert spec.quality["accuracy"] == 1.0 and spec.quality["pictures"] == 6
    assert "shapes" in spec.training["data"]["names"]


def test_the_command_names_what_it_reads(
    model: Path, pictures: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["digit", "--model", str(model), *map(str, pictures)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == list(NAMES)
    assert main(["digit", "--model", str(model), "--json", str(pictures[1])]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["label"], told["digit"]) == (NAMES[1], 1)
    assert np.shape(told["probabilities"]) == (3,) and np.shape(told["rows"]) == (17, 3)


def test_it_is_evaluated_where_its_pictures_are(
    model: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "digits", str(model), "--from", str(folder)]) == 0
    assert capsys.readouterr().out == "accuracy 100.00% (6 of 6 test pictures)\n"
    assert main(["evaluate", "digits", str(model)]) == 2
    assert "was trained on own data: say where it is with --from" in capsys.readouterr().err


def test_other_classes_are_no_test_of_it(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_folders(tmp_path / "other")
    shutil.rmtree(other / CLASSES[0])
    assert main(["evaluate", "digits", str(model), "--from", str(other)]) == 2
    assert "3 labels are named, there are 2 classes" in capsys.readouterr().err


def test_it_is_inspected_and_has_a_card(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(model)]) == 0
    assert "鞋 top" in capsys.readouterr().out
    assert main(["inspect", "--card", str(model)]) == 0
    card = capsys.readouterr().out
    assert "| pictures | 12 × 17, grey |" in card
    assert f"| classes | 3: {', '.join(NAMES)} |" in card
    assert f"`qibu evaluate digits {model} --from DIR`" in card
    assert "$ qibu train pictures --cell gru --seed 0 --from DIR --set" in card
    assert "MNIST" not in card and "handwritten" not in card


def test_its_trace_holds_it_to_every_row(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace.json"
    assert main(["trace", str(model), "--out", str(trace)]) == 0
    sequences = json.loads(trace.read_text("utf-8"))["sequences"]
    assert all(ink_rows(sequence["rows"]).shape == (17, 12) for sequence in sequences)
    assert main(["trace", str(model), "--check", str(trace)]) == 0
    assert main(["verify", str(model)]) == 0


def test_8_bits_are_measured_on_its_pictures(
    run: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "small.onnx"
    assert main(["export", str(run), "--int8", "--out", str(out)]) == 2
    assert "say where it is with --from" in capsys.readouterr().err and not out.exists()
    assert main(["export", str(run), "--int8", "--out", str(out), "--from", str(folder)]) == 0
    assert qibu.load(out).labels == NAMES


def test_a_network_that_reads_both_ways_reads_whole_pictures(folder: Path, tmp_path: Path) -> None:
    where = ["--from", str(folder), "--run", str(tmp_path / "run")]
    settings = ["--set", "epochs=1", *SETTINGS]
    assert main(["train", "digits", "--cell", "bilstm", *where, *settings]) == 0
    assert main(["export", str(tmp_path / "run"), "--evaluate", "--from", str(folder)]) == 0
    reader = qibu.load(tmp_path / "run" / "model.onnx")
    assert reader.read(np.zeros((17, 12))).rows is None
    assert "accuracy_by_row" not in reader.stepper.spec.quality


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler (Debian: gcc)")
def test_its_c_reads_rows_and_names_what_they_show(model: Path, tmp_path: Path) -> None:
    code = tmp_path / "c"
    assert main(["export", str(model), "--c", str(code)]) == 0
    header = (code / "qibu.h").read_text("utf-8")
    for name, value in (("ROWS", 17), ("ROW_SIZE", 12), ("CLASSES", 3)):
        assert f"#define QIBU_{name} {value}\n" in header
    sources = [f"{name}.c" for name in ("digits", "qibu", "graph", "graph_data")]
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1"]
    subprocess.run(["cc", *options, "-o", "digits", *sources, "-lm"], cwd=code, check=True)
    reader = qibu.load(model)
    ink = [picture / np.float32(255) for picture in bright_parts(3, 7)[0]]
    text = "\n\n".join("\n".join(" ".join(map(str, row)) for row in one) for one in ink)

    def said(*arguments: str, rows: str = text) -> subprocess.CompletedProcess[str]:
        command = ["./digits", *arguments]
        return subprocess.run(
            command, cwd=code, input=rows, capture_output=True, encoding="utf-8", check=False
        )

    found = np.array([line.split() for line in said().stdout.splitlines()], float)
    wanted = np.concatenate([reader.read(one).rows for one in ink])
    assert np.abs(found - wanted).max() < 1e-5  # six digits, and a little for tanh
    labels = [line.rpartition("  ")[0] for line in said("--label").stdout.splitlines()]
    assert labels == list(NAMES)
    assert "picture must be (17, 12), got 1 rows" in said(rows=" ".join(["0"] * 12)).stderr
    assert "a row must be 12 numbers, got 3" in said(rows="0 0 0").stderr
    assert said("--lable").returncode == 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a", '"a"'),
        ('"\\', '"\\"\\\\"'),
        ("a\x01b\x1f\n", '"a\\001b\\037\\n"'),
        ("what??!", '"what\\?\\?!"'),
        ("\\u0001?", '"\\\\u0001?"'),
        ("鞋", '"鞋"'),
    ],
)
def test_any_text_is_quoted_as_c_does(text: str, wanted: str) -> None:
    assert quoted(text) == wanted


def test_a_large_picture_s_own_trace_fits_into_its_file(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(3):
            pixels = random.integers(0, 256, (300, 400), np.uint8)
            Image.fromarray(pixels, "L").save(tmp_path / "own" / name / f"{number}.png")
    where = ["--from", str(tmp_path / "own"), "--run", str(tmp_path / "run")]
    settings = ["--set", "epochs=1", *SETTINGS]
    assert main(["train", "digits", "--cell", "gru", *where, *settings]) == 0
    assert main(["export", str(tmp_path / "run")]) == 0
    reader = qibu.load(tmp_path / "run" / "model.onnx")
    assert 1 < len(reader.stepper.spec.trace.steps) < 300
    assert make_trace(reader, "large")["sequences"][0]["states"]
