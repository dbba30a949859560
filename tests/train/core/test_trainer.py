"""The training loop: it learns, stops, goes on exactly, and leaves the right files."""

import errno
import json
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import qibu_train.core.trainer
from qibu.core.errors import CheckpointError
from qibu_train.core import arithmetic
from qibu_train.core.application import application_of
from qibu_train.core.checkpoint import BEST, LAST, Checkpoint
from qibu_train.core.run_config import RunConfig
from qibu_train.core.trainer import Trainer

Start = Callable[..., Trainer]


@pytest.fixture(autouse=True)
def _no_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing: a picture an epoch takes longer than these runs do."""
    monkeypatch.setattr(qibu_train.core.trainer, "draw_curve", lambda history, measure, path: None)


class Killed(Exception):
    """What a test raises in the place of a power cut."""


@pytest.fixture(params=["poem", "digits", "text", "sum"])
def config(request: pytest.FixtureRequest) -> RunConfig:
    if request.param == "sum":
        request.getfixturevalue("sum_application")
    found: RunConfig = request.getfixturevalue(f"{request.param.removesuffix('s')}_config")
    return found


@pytest.fixture
def start(config: RunConfig, request: pytest.FixtureRequest) -> Start:
    """Give a function that makes a trainer as a new process would: of a run's folder."""
    folder: Path = request.getfixturevalue(f"{config.task.removesuffix('s')}_folder")

    def start(run: Path, *, resume: bool = False, **changes: Any) -> Trainer:
        changed = replace(config, **changes)
        task = application_of(config.task).task(changed, folder)
        return Trainer(changed, task, run, resume=resume)

    return start


def before_step(trainer: Trainer, epoch: int, step: int, action: Callable[[], None]) -> None:
    """Let something happen as a step, counted from 0, begins."""

    def act(trainer: Trainer) -> None:
        if (trainer.at.epoch, trainer.at.step) == (epoch, step):
            action()

    trainer.on_step = act


def in_validation(trainer: Trainer, action: Callable[[], None]) -> None:
    """Let something happen as the validation begins."""
    validate = trainer.task.validate

    def act_and_validate(network: nn.Module) -> dict[str, float]:
        action()
        return validate(network)

    setattr(trainer.task, "validate", act_and_validate)  # noqa: B010


def script_validation(trainer: Trainer, figures: Iterable[float]) -> list[dict[str, Tensor]]:
    """Let the validation give these figures; collect the weights that it was shown."""
    shown: list[dict[str, Tensor]] = []
    values = iter(figures)

    def validate(network: nn.Module) -> dict[str, float]:
        shown.append({name: value.clone() for name, value in network.state_dict().items()})
        return {trainer.application.measure: next(values)}

    setattr(trainer.task, "validate", validate)  # noqa: B010
    return shown


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def kill() -> None:
    raise Killed


def figures(history: list[dict[str, float]]) -> list[dict[str, float]]:
    """Give the history without what a clock measured."""
    timed = ("seconds", "cpu_seconds", "units_per_second")
    return [{key: row[key] for key in row if key not in timed} for row in history]


def same_weights(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(one[name].equal(other[name]) for name in one)


def last_step(trainer: Trainer, epoch: int) -> int:
    return len(trainer.task.plan(epoch, 1)) - 1


def test_the_loss_falls(start: Start, tmp_path: Path) -> None:
    history = start(tmp_path, epochs=5).fit()
    assert history[-1]["loss"] < 0.95 * history[0]["loss"]


def test_the_same_seed_gives_the_same_weights(start: Start, tmp_path: Path) -> None:
    one, other = start(tmp_path / "one"), start(tmp_path / "other")
    one.fit()
    other.fit()
    assert same_weights(one.network.state_dict(), other.network.state_dict())


def test_another_seed_gives_other_weights(start: Start, tmp_path: Path) -> None:
    one, other = start(tmp_path / "one"), start(tmp_path / "other", seed=1)
    assert not same_weights(one.network.state_dict(), other.network.state_dict())


def interrupt_in_an_epoch(trainer: Trainer) -> None:
    before_step(trainer, 1, 3, press_ctrl_c)


def interrupt_in_the_first_step(trainer: Trainer) -> None:
    before_step(trainer, 0, 0, press_ctrl_c)


def interrupt_in_the_last_step_of_an_epoch(trainer: Trainer) -> None:
    before_step(trainer, 0, last_step(trainer, 0), press_ctrl_c)


def interrupt_in_the_validation(trainer: Trainer) -> None:
    in_validation(trainer, press_ctrl_c)


def kill_after_an_epoch(trainer: Trainer) -> None:
    before_step(trainer, 1, 0, kill)


def kill_in_an_epoch(trainer: Trainer) -> None:
    before_step(trainer, 1, 3, kill)  # what was done since the last save is done again


@pytest.mark.parametrize(
    "stop",
    [
        interrupt_in_an_epoch,
        interrupt_in_the_first_step,
        interrupt_in_the_last_step_of_an_epoch,
        interrupt_in_the_validation,
        kill_after_an_epoch,
        kill_in_an_epoch,
    ],
)
def test_a_stopped_run_goes_on_exactly(
    stop: Callable[[Trainer], None], start: Start, tmp_path: Path
) -> None:
    whole = start(tmp_path / "whole")
    whole.fit()
    stopped = start(tmp_path / "stopped")
    stop(stopped)
    with pytest.raises((KeyboardInterrupt, Killed)):
        stopped.fit()
    torch.manual_seed(123)  # a new process has other random numbers
    resumed = start(tmp_path / "stopped", resume=True)
    resumed.fit()
    assert figures(resumed.at.history) == figures(whole.at.history)
    assert same_weights(resumed.network.state_dict(), whole.network.state_dict())
    for name in (LAST, BEST):
        saved, wanted = (Checkpoint.load(tmp_path / run / name) for run in ("stopped", "whole"))
        assert same_weights(saved.weights, wanted.weights)


def test_a_stopped_run_goes_on_with_its_average(start: Start, tmp_path: Path) -> None:
    whole = start(tmp_path / "whole", average_decay=0.9)
    whole.fit()
    stopped = start(tmp_path / "stopped", average_decay=0.9)
    before_step(stopped, 1, 3, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        stopped.fit()
    resumed = start(tmp_path / "stopped", resume=True, average_decay=0.9)
    resumed.fit()
    assert figures(resumed.at.history) == figures(whole.at.history)
    assert same_weights(
        Checkpoint.load(tmp_path / "stopped").weights, Checkpoint.load(tmp_path / "whole").weights
    )


@pytest.mark.parametrize("average_is_better", [True, False])
def test_the_better_of_the_weights_and_their_average_is_kept(
    average_is_better: bool, start: Start, tmp_path: Path
) -> None:
    trainer = start(tmp_path, epochs=1, average_decay=0.9)
    better, worse = (0.3, 0.5) if trainer.application.lower_is_better else (0.5, 0.3)
    shown = script_validation(trainer, [worse, better] if average_is_better else [better, worse])
    (row,) = trainer.fit()
    assert row["averaged"] is average_is_better
    assert row[f"validation_{trainer.application.measure}"] == better
    assert not same_weights(*shown)
    assert same_weights(Checkpoint.load(tmp_path).weights, shown[average_is_better])
    assert same_weights(trainer.network.state_dict(), shown[0])  # training goes on from its own


def test_a_killed_run_goes_on_from_the_last_save_in_the_epoch(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qibu_train.core.trainer, "SAVE_SECONDS", -1.0)  # after every step
    trainer = start(tmp_path)
    before_step(trainer, 0, 3, kill)
    with pytest.raises(Killed):
        trainer.fit()
    assert start(tmp_path, resume=True).at.step == 3


def test_ctrl_c_lets_the_step_end_and_saves(start: Start, tmp_path: Path) -> None:
    trainer = start(tmp_path)
    before_step(trainer, 0, 2, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit()
    checkpoint = Checkpoint.load(tmp_path / LAST)
    assert checkpoint.progress["position"]["step"] == 3
    assert same_weights(checkpoint.weights, trainer.network.state_dict())


def test_ctrl_c_works_as_before_once_the_run_has_ended(start: Start, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    trainer = start(tmp_path)
    before_step(trainer, 0, 2, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_finished_run_has_nothing_to_go_on_with(start: Start, tmp_path: Path) -> None:
    trainer = start(tmp_path)
    history = trainer.fit()
    resumed = start(tmp_path, resume=True)
    assert resumed.fit() == history
    assert same_weights(resumed.network.state_dict(), trainer.network.state_dict())


def test_a_run_with_another_config_is_not_gone_on_with(start: Start, tmp_path: Path) -> None:
    start(tmp_path).fit()
    with pytest.raises(CheckpointError, match="another config"):
        start(tmp_path, resume=True, learning_rate=1e-4)


def test_a_run_that_does_not_exist_is_not_gone_on_with(start: Start, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="missing"):
        start(tmp_path, resume=True)


def test_a_full_disk_leaves_the_run_as_it_was_last_saved(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(content: object, target: Path) -> None:
        target.write_bytes(b"PK half a checkpoint")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    trainer = start(tmp_path)
    before_step(trainer, 1, 2, lambda: monkeypatch.setattr(torch, "save", fill_the_disk))
    with pytest.raises(OSError, match="No space left"):
        trainer.fit()
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {LAST, BEST, "history.jsonl"}
    assert start(tmp_path, resume=True).at.epoch == 1


def test_the_best_weights_are_those_of_the_best_epoch(start: Start, tmp_path: Path) -> None:
    trainer = start(tmp_path, epochs=3)
    lower_is_better = trainer.application.lower_is_better
    shown = script_validation(trainer, (0.5, 0.3, 0.4) if lower_is_better else (0.5, 0.7, 0.6))
    trainer.fit()
    best = Checkpoint.load(tmp_path)
    assert best.record["epoch"] == 2
    assert same_weights(best.weights, shown[1])


def test_a_resumed_run_keeps_better_weights_of_before(start: Start, tmp_path: Path) -> None:
    trainer = start(tmp_path, epochs=2)
    better, worse = (0.3, 0.5) if trainer.application.lower_is_better else (0.5, 0.3)
    shown = script_validation(trainer, [better])
    before_step(trainer, 1, 0, kill)
    with pytest.raises(Killed):
        trainer.fit()
    resumed = start(tmp_path, resume=True, epochs=2)
    script_validation(resumed, [worse])
    resumed.fit()
    assert same_weights(Checkpoint.load(tmp_path).weights, shown[0])


def test_a_run_leaves_its_history_a_line_an_epoch(start: Start, tmp_path: Path) -> None:
    history = start(tmp_path).fit()
    lines = (tmp_path / "history.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == history


def test_the_loss_of_the_history_is_the_mean_over_predictions(
    start: Start, config: RunConfig, tmp_path: Path
) -> None:
    # nothing is learnt at such a rate and nothing dropped, so the mean is that of fresh weights
    plain = {"augment": 0.0} if hasattr(config, "augment") else {}
    trainer = start(tmp_path, epochs=1, learning_rate=1e-30, dropout=0.0, **plain)
    batches = trainer.task.plan(0, 1)
    total, carried = 0.0, ()
    with torch.no_grad():
        for batch in batches:
            loss, carried = trainer.objective(carried, *trainer.task.collate(batch))
            total += loss.item()
    wanted = total / sum(map(trainer.task.count, batches))
    assert trainer.fit()[0]["loss"] == pytest.approx(wanted, rel=1e-6)


def test_a_run_is_validated_inside_its_epochs(start: Start, tmp_path: Path) -> None:
    history = start(tmp_path, epochs=1, validate_steps=3).fit()
    steps = len(start(tmp_path / "other").task.plan(0, 1))
    assert [row["epoch"] for row in history[:-1]] == [
        pytest.approx(step / steps) for step in range(3, steps, 3)
    ]
    assert history[-1]["epoch"] == 1


def interrupt_before_a_validation(trainer: Trainer) -> None:
    before_step(trainer, 0, 2, press_ctrl_c)  # the third step, after which one is due


def interrupt_after_a_validation(trainer: Trainer) -> None:
    before_step(trainer, 0, 3, press_ctrl_c)


@pytest.mark.parametrize("stop", [interrupt_before_a_validation, interrupt_after_a_validation])
def test_a_run_stopped_beside_a_validation_goes_on_exactly(
    stop: Callable[[Trainer], None], start: Start, tmp_path: Path
) -> None:
    test_a_stopped_run_goes_on_exactly(
        stop, lambda run, **more: start(run, epochs=2, validate_steps=3, **more), tmp_path
    )


def test_a_run_ends_when_nothing_gets_better(start: Start, tmp_path: Path) -> None:
    trainer = start(tmp_path, epochs=9, patience=2)
    better, worse = (0.3, 0.5) if trainer.application.lower_is_better else (0.5, 0.3)
    shown = script_validation(trainer, (worse, better, worse, worse))
    assert len(trainer.fit()) == 4
    assert same_weights(Checkpoint.load(tmp_path).weights, shown[1])
    assert len(start(tmp_path, resume=True, epochs=9, patience=2).fit()) == 4


def test_a_run_ends_when_its_minutes_are_over(start: Start, tmp_path: Path) -> None:
    trainer = start(tmp_path, epochs=1, minutes=1e9)

    def end(trainer: Trainer) -> None:
        if (trainer.at.epoch, trainer.at.step) == (2, 1):
            trainer._began -= 60e9

    trainer.on_step = end
    history = trainer.fit()
    assert [row["epoch"] for row in history[:-1]] == [1, 2]
    assert 2 < history[-1]["epoch"] < 3
    assert Checkpoint.load(tmp_path).record["epoch"] in (row["epoch"] for row in history)


def test_time_that_was_spent_before_counts(start: Start, tmp_path: Path) -> None:
    trainer = start(tmp_path, minutes=1e9)
    before_step(trainer, 0, 2, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit()
    spent = trainer.at.spent
    assert 0 < spent < 60
    assert start(tmp_path, resume=True, minutes=1e9).at.spent == spent


def test_a_run_stopped_before_its_first_validation_has_best_weights(
    start: Start, tmp_path: Path
) -> None:
    trainer = start(tmp_path)
    before_step(trainer, 0, 2, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit()
    best = Checkpoint.load(tmp_path)
    assert same_weights(best.weights, trainer.network.state_dict())
    assert f"validation_{trainer.application.measure}" in best.record
    assert Checkpoint.load(tmp_path / LAST).progress["position"]["history"] == []


def test_a_run_says_in_which_arithmetic_it_was_and_keeps_it(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arithmetic, "_is_quicker", lambda layers: False)
    trainer = start(tmp_path, bfloat16="auto")
    before_step(trainer, 0, 2, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit()
    assert Checkpoint.load(tmp_path / LAST).config.bfloat16 is False
    monkeypatch.setattr(arithmetic, "_is_quicker", lambda layers: True)
    assert start(tmp_path, resume=True, bfloat16="auto").config.bfloat16 is False
