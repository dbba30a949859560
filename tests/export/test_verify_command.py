"""`qibu verify`: a model file held against the run it came from."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from qibu.cli.main import main
from qibu_export.module.description import weights_digest
from qibu_export.trained.export import export
from qibu_train.core.checkpoint import BEST, Checkpoint

from .conftest import EXPORTED

MakeCheckpoint = Callable[..., Checkpoint]
SaveRun = Callable[[Checkpoint, Path], Path]


@pytest.mark.parametrize(("task", "cell"), EXPORTED)
def test_a_file_agrees_with_its_run(
    task: str,
    cell: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkpoint = make_checkpoint(task, cell)
    run, file = save_run(checkpoint, tmp_path / "run"), tmp_path / "model.onnx"
    result, _ = export(checkpoint, file)
    assert main(["verify", str(file), "--checkpoint", str(run)]) == 0
    assert capsys.readouterr().out == f"{result}\n"
    assert f"{result.difference:.1e}" in str(result)


def test_a_checkpoint_file_may_be_named_itself(
    make_checkpoint: MakeCheckpoint, save_run: SaveRun, tmp_path: Path
) -> None:
    checkpoint = make_checkpoint("digits", "rnn")
    run, file = save_run(checkpoint, tmp_path / "run"), tmp_path / "model.onnx"
    export(checkpoint, file)
    assert main(["verify", str(file), "--checkpoint", str(run / BEST)]) == 0


def test_the_checkpoint_of_another_run_is_refused_with_both_hashes(
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mine, other = make_checkpoint("digits", "gru"), make_checkpoint("digits", "gru", seed=1)
    file = tmp_path / "model.onnx"
    export(mine, file)
    run = save_run(other, tmp_path / "other")
    assert main(["verify", str(file), "--checkpoint", str(run)]) == 2
    stdout, stderr = capsys.readouterr()
    assert stdout == ""
    assert weights_digest(mine.weights)[:12] in stderr
    assert weights_digest(other.weights)[:12] in stderr


@pytest.mark.parametrize(("task", "cell"), EXPORTED)
def test_a_file_with_one_changed_weight_fails(
    task: str,
    cell: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkpoint = make_checkpoint(task, cell)
    run, file = save_run(checkpoint, tmp_path / "run"), tmp_path / "model.onnx"
    export(checkpoint, file)
    model = onnx.load(file)
    tensor = next(t for t in model.graph.initializer if t.name == "R0")
    value = numpy_helper.to_array(tensor).copy()
    value.flat[7] += 0.1  # a bidirectional file shows it only in its probabilities
    tensor.CopyFrom(numpy_helper.from_array(value, "R0"))
    onnx.save(model, file)
    assert main(["verify", str(file), "--checkpoint", str(run)]) == 1
    stdout, stderr = capsys.readouterr()
    assert stdout == "" and "does not compute what the module does" in stderr


def test_a_file_that_is_not_there_is_bad_input(
    make_checkpoint: MakeCheckpoint, save_run: SaveRun, tmp_path: Path
) -> None:
    run = save_run(make_checkpoint("digits", "gru"), tmp_path / "run")
    assert main(["verify", str(tmp_path / "none.onnx"), "--checkpoint", str(run)]) == 2
