"""`qibu train` from its arguments to the files of a run."""

import os
import signal
from pathlib import Path

import pytest
import torch

from qibu.core.errors import CheckpointError, DataError, InputError
from qibu_train.command import build_config, main
from qibu_train.core.checkpoint import BEST, LAST, Checkpoint
from qibu_train.core.trainer import Trainer
from qibu_train.poems.config import PRESETS

TINY = ["hidden_size=8", "num_layers=1", "bfloat16=false", "epochs=2"]


@pytest.fixture
def poem_arguments(poem_folder: Path, tmp_path: Path) -> list[str]:
    run = str(tmp_path / "run")
    where = ["--from", str(poem_folder), "--run", run, "--unchecked"]
    return ["poem", "--cell", "gru", *where, "--set", "batch_units=600", *TINY]


@pytest.fixture
def digit_arguments(digit_folder: Path, tmp_path: Path) -> list[str]:
    run = str(tmp_path / "run")
    where = ["--from", str(digit_folder), "--run", run, "--unchecked"]
    return ["digits", "--cell", "bilstm", *where, "--set", "batch_units=16", *TINY]


@pytest.mark.parametrize("arguments", ["poem_arguments", "digit_arguments"])
def test_a_run_is_trained_into_its_folder(
    arguments: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    assert main(request.getfixturevalue(arguments)) == 0
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert files == {LAST, BEST, "history.jsonl", "curve.png"}


def test_the_curve_of_a_run_is_a_picture(poem_arguments: list[str], tmp_path: Path) -> None:
    main(poem_arguments)
    assert (tmp_path / "run" / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_best_figure_alone_goes_to_stdout(
    poem_arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(poem_arguments)
    best = Checkpoint.load(tmp_path / "run").record["validation_perplexity"]
    out, _ = capsys.readouterr()
    assert out == f"{tmp_path / 'run'}: best validation_perplexity {best:.5g}\n"


def test_a_run_that_is_there_is_not_overwritten(poem_arguments: list[str], tmp_path: Path) -> None:
    main(poem_arguments)
    before = (tmp_path / "run" / LAST).read_bytes()
    with pytest.raises(InputError, match="--resume"):
        main(poem_arguments)
    assert (tmp_path / "run" / LAST).read_bytes() == before


def press_ctrl_c(trainer: Trainer) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(
    poem_arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(poem_arguments, press_ctrl_c) == 130
    assert "--resume" in capsys.readouterr().err
    assert (tmp_path / "run" / LAST).exists()


def test_a_stopped_run_is_gone_on_with(poem_arguments: list[str], tmp_path: Path) -> None:
    assert main(poem_arguments, press_ctrl_c) == 130
    assert main([*poem_arguments, "--resume"]) == 0
    assert Checkpoint.load(tmp_path / "run" / LAST).progress["position"]["epoch"] == 2


def test_a_run_is_not_gone_on_with_by_another_config(poem_arguments: list[str]) -> None:
    main(poem_arguments)
    with pytest.raises(CheckpointError, match="another config"):
        main([*poem_arguments, "learning_rate=0.1", "--resume"])


def test_a_run_is_not_gone_on_with_on_other_data(
    poem_arguments: list[str], poem_folder: Path, tmp_path: Path
) -> None:
    main(poem_arguments)
    other = tmp_path / "other"
    other.mkdir()
    for path in poem_folder.iterdir():
        text = path.read_text("utf-8").replace("山", "雪")
        (other / path.name).write_text(text, "utf-8")
    with pytest.raises(CheckpointError, match="other data"):
        main([*poem_arguments, "--resume", "--from", str(other)])


def test_nothing_is_gone_on_with_where_there_is_no_run(poem_arguments: list[str]) -> None:
    with pytest.raises(CheckpointError, match=r"last\.pt is missing"):
        main([*poem_arguments, "--resume"])


def test_data_with_other_hashes_is_refused(poem_arguments: list[str]) -> None:
    with pytest.raises(DataError, match="poems"):
        main([argument for argument in poem_arguments if argument != "--unchecked"])


@pytest.mark.parametrize("device", ["tpu", "cudax"])
def test_a_device_that_is_none_is_refused(device: str, poem_arguments: list[str]) -> None:
    with pytest.raises(InputError, match="--device"):
        main([*poem_arguments, "--device", device])


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_where_there_is_none_is_refused(poem_arguments: list[str]) -> None:
    with pytest.raises(InputError, match="no CUDA device"):
        main([*poem_arguments, "--device", "cuda"])


def test_a_cell_that_reads_both_ways_cannot_write_poems(poem_folder: Path) -> None:
    with pytest.raises(InputError, match="'bilstm'; there are rnn, gru, lstm"):
        main(["poem", "--cell", "bilstm", "--from", str(poem_folder), "--unchecked"])


def test_a_cell_outside_the_table_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["poem", "--cell", "transformer"])
    assert stopped.value.code == 2
    assert "transformer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("hidden=8", "no setting 'hidden'; there are .*hidden_size"),
        ("task=digits", "no setting 'task'"),
        ("augment=0.5", "no setting 'augment'"),
        ("cell=rnn", "no setting 'cell'"),
        ("epochs", "epochs must be int, got ''"),
        ("epochs=2.5", "epochs must be int, got '2.5'"),
        ("epochs=0", "epochs must be at least 1"),
        ("learning_rate=fast", "learning_rate must be float"),
        ("learning_rate=nan", "learning_rate must be above 0"),
        ("dropout=2", "dropout must be 0..1"),
        ("bfloat16=True", "bfloat16 must be auto or true or false, got 'True'"),
        ("bfloat16=1", "bfloat16 must be auto or true or false, got '1'"),
    ],
)
def test_a_bad_setting_is_an_error_that_names_it(setting: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build_config("poem", "lstm", 0, [setting])


def test_settings_change_the_preset() -> None:
    config = build_config("poem", "gru", 7, ["epochs=9", "learning_rate=1e-4", "bfloat16=false"])
    assert (config.epochs, config.learning_rate, config.bfloat16) == (9, 1e-4, False)
    assert config.seed == 7
    assert config.hidden_size == PRESETS["gru"].hidden_size


@pytest.mark.usefixtures("sum_application")
def test_a_task_of_a_stranger_is_trained_by_the_same_command(
    sum_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    where = ["--cell", "gru", "--from", str(sum_folder), "--run", str(run)]
    assert main(["sum", *where, "--set", "epochs=2", "noise=0.1"]) == 0
    best = Checkpoint.load(run)
    assert best.config.to_json()["noise"] == 0.1
    shown = f"{run}: best validation_error {best.record['validation_error']:.5g}\n"
    assert capsys.readouterr().out == shown
    assert not best.network().training


@pytest.mark.usefixtures("sum_application")
def test_a_task_without_a_known_data_set_asks_where_it_is() -> None:
    with pytest.raises(InputError, match=r"no data set is known for 'sum'.*--from"):
        main(["sum", "--cell", "gru"])


@pytest.mark.usefixtures("sum_application")
def test_a_task_that_cannot_begin_from_a_model_says_so(sum_folder: Path) -> None:
    with pytest.raises(InputError, match=r"'sum' can't begin from a model"):
        main(["sum", "--cell", "gru", "--from", str(sum_folder), "--init", "digits"])
