"""The arithmetic of a run: what a machine can't do is not chosen, what is slower neither."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from qibu.core.errors import InputError
from qibu_train.core import arithmetic
from qibu_train.core.arithmetic import use_bfloat16
from qibu_train.core.checkpoint import Checkpoint

CPU = torch.device("cpu")


@pytest.fixture
def layers() -> nn.RNNBase:
    return nn.GRU(4, 4, batch_first=True)


def take(
    monkeypatch: pytest.MonkeyPatch, seconds: Callable[[bool], float]
) -> Callable[[nn.RNNBase, bool], float]:
    def timed(layers: nn.RNNBase, bfloat16: bool) -> float:
        return seconds(bfloat16)

    monkeypatch.setattr(arithmetic, "_seconds", timed)
    return timed


@pytest.mark.parametrize(("in_bfloat16", "chosen"), [(0.5, True), (0.95, False), (2.0, False)])
def test_what_is_quicker_is_taken(
    in_bfloat16: float, chosen: bool, layers: nn.RNNBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, lambda bfloat16: in_bfloat16 if bfloat16 else 1.0)
    assert use_bfloat16("auto", layers, CPU) is chosen
    assert use_bfloat16(True, layers, CPU) is True
    assert use_bfloat16(False, layers, CPU) is False


def test_a_trial_s_clock_is_finer_than_a_trial() -> None:
    seen = set()
    until = time.perf_counter() + 0.05
    while time.perf_counter() < until:
        seen.add(arithmetic.CLOCK())
    assert len(seen) > 50  # of 50 ms; one that leaps by 16 ms has three


def refuse(bfloat16: bool) -> float:
    if bfloat16:
        raise RuntimeError("could not create a primitive descriptor")
    return 1.0


def test_what_cannot_be_done_is_not_chosen(
    layers: nn.RNNBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, refuse)
    assert use_bfloat16("auto", layers, CPU) is False


def test_what_cannot_be_done_is_refused_where_it_is_wanted(
    layers: nn.RNNBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, refuse)
    with pytest.raises(InputError, match=r"no GRU in bfloat16; give --set bfloat16=false"):
        use_bfloat16(True, layers, CPU)


# trains a moment on each task, as an old machine does
SCRIPT = """
import json
import sys

import qibu_train.digits.task
from qibu_train.command import main

qibu_train.digits.task.VALIDATION_PICTURES = 40
for arguments in json.loads(sys.argv[1]):
    print(arguments[0], main(arguments))
"""


def test_a_processor_without_bfloat16_trains_every_task(
    poem_folder: Path, digit_folder: Path, text_folder: Path, tmp_path: Path
) -> None:
    folders = {"poem": poem_folder, "digits": digit_folder, "text": text_folder}
    size = ["--unchecked", "--hidden", "8", "--layers", "1", "--epochs", "1"]
    runs = [*((task, "lstm") for task in folders), ("text", "gru"), ("text", "rnn")]
    calls = [
        [task, "--cell", cell, "--from", str(folders[task]), "--out", str(tmp_path / task / cell)]
        for task, cell in runs
    ]
    calls = [[*call, *size] for call in calls]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(calls)],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if line.split()[-1] == "0"]
    assert len(said) == len(calls), done.stderr
    if platform.machine() == "x86_64":
        best = Checkpoint.load(tmp_path / "text" / "lstm")
        assert best.config.bfloat16 is False


def test_the_trial_leaves_no_trace() -> None:
    layers = nn.GRU(4, 4, 2, batch_first=True, dropout=0.5)
    before = torch.get_rng_state()
    use_bfloat16("auto", layers, CPU)
    assert torch.get_rng_state().equal(before)
    assert all(parameter.grad is None for parameter in layers.parameters())
