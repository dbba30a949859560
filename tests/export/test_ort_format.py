"""onnxruntime's own format: the same numbers, and what a reduced build must have."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from graphs import leaky, save

import qibu
from qibu.bundled import model_path
from qibu.cli.main import main
from qibu_export.trained.export import export
from qibu_train.core.checkpoint import Checkpoint


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ort") / "digits.ort"
    assert main(["export", "digits", "--ort", str(out)]) == 0
    return out


def test_a_file_in_onnxruntime_s_format_steps_as_the_model_does(digits: Path) -> None:
    files = qibu.Stepper(digits), qibu.Stepper(model_path("digits"))
    row = np.random.default_rng(0).random((1, 1, 28), np.float32)
    (a, a_state), (b, b_state) = (f.step({"rows": row}, f.initial_state()) for f in files)
    assert np.array_equal(a["probabilities"], b["probabilities"])
    assert all(np.array_equal(a_state[name], b_state[name]) for name in b_state)


def test_it_says_of_itself_what_the_model_says(digits: Path) -> None:
    said, wanted = (qibu.Stepper(path).spec for path in (digits, model_path("digits")))
    assert said is not None and wanted is not None and said.to_json() == wanted.to_json()


def test_operators_for_a_reduced_build_are_listed_beside_it(digits: Path) -> None:
    listing = digits.with_suffix(".config").read_text("utf-8")
    assert "MatMulInteger" in listing and "Scan" in listing
    assert listing.startswith("# Generated from model/s:\n# - digits.ort\n")


def test_a_run_becomes_one_as_well(
    make_checkpoint: Callable[..., Checkpoint],
    save_run: Callable[[Checkpoint, Path], Path],
    tmp_path: Path,
) -> None:
    run = save_run(make_checkpoint("digits", "gru"), tmp_path / "run")
    assert main(["export", str(run), "--ort", str(tmp_path / "gru.ort")]) == 0
    assert isinstance(qibu.load(tmp_path / "gru.ort"), qibu.DigitReader)
    assert not (run / "model.onnx").exists()


def test_a_model_that_reads_both_ways_keeps_what_it_reads(
    make_checkpoint: Callable[..., Checkpoint], tmp_path: Path
) -> None:
    model, out = tmp_path / "model.onnx", tmp_path / "model.ort"
    export(make_checkpoint("digits", "bilstm"), model)
    assert main(["export", str(model), "--ort", str(out)]) == 0
    assert qibu.Stepper(out).pairs == ()


def test_a_wrong_ending_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "digits", "--ort", str(tmp_path / "digits.onnx")]) == 2
    assert ".ort" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_says_nothing_of_itself_becomes_one_that_steps_alike(tmp_path: Path) -> None:
    model, out = save(leaky(names=("a", "b")), tmp_path / "bare.onnx"), tmp_path / "x.ort"
    assert main(["export", str(model), "--ort", str(out), "--states", "a=b"]) == 0
    stepper = qibu.Stepper(out, states={"a": "b"})
    outputs, _ = stepper.step({"x": np.ones((1, 3), np.float32)}, stepper.initial_state())
    assert outputs["y"].tolist() == [[1, 1, 1]]


def test_a_file_that_leaves_its_state_in_doubt_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = save(leaky(names=("a", "b")), tmp_path / "bare.onnx")
    assert main(["export", str(model), "--ort", str(tmp_path / "x.ort")]) == 2
    assert "states" in capsys.readouterr().err
    assert not (tmp_path / "x.ort").exists()


@pytest.mark.parametrize("flag", ["--int8", "--int8-weights", "--evaluate"])
def test_what_goes_with_a_run_alone_is_refused_for_a_model(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "digits", flag, "--ort", str(tmp_path / "x.ort")]) == 2
    assert "exported already" in capsys.readouterr().err


def test_a_model_alone_leaves_open_what_to_make_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["export", "digits"]) == 2
    assert "--c" in capsys.readouterr().err
