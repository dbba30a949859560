"""Checkpoints: whole or not at all, and no code is run."""

import errno
import os
import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from qibu.core.errors import CheckpointError
from qibu_train.core.application import build_network
from qibu_train.core.checkpoint import BEST, Checkpoint
from qibu_train.core.run_config import RunConfig

pytestmark = pytest.mark.usefixtures("sum_application")

SCALE = 2.5


@pytest.fixture
def checkpoint(sum_config: RunConfig, sum_application: object) -> Checkpoint:
    network = build_network(sum_config, SCALE)
    return Checkpoint(sum_config, network.state_dict(), SCALE, {"epoch": 1}, {"step": 2})


class MakesAFolder:
    """What an attacker would put in: unpickling it creates a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return os.mkdir, (str(self.path),)


def write_pickle(content: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(content, protocol=2))


def test_a_checkpoint_comes_back_as_it_was(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a.pt")
    loaded = Checkpoint.load(tmp_path / "a.pt")
    assert loaded.config == checkpoint.config
    assert loaded.extra == SCALE
    assert (loaded.record, loaded.progress) == ({"epoch": 1}, {"step": 2})
    assert loaded.weights.keys() == checkpoint.weights.keys()
    assert all(loaded.weights[name].equal(checkpoint.weights[name]) for name in loaded.weights)


def test_its_network_is_ready_for_inference(checkpoint: Checkpoint) -> None:
    network = checkpoint.network()
    assert not network.training
    assert network.state_dict()["head.bias"].equal(checkpoint.weights["head.bias"])


def test_a_folder_stands_for_its_best_weights(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / BEST)
    assert Checkpoint.load(tmp_path).record == {"epoch": 1}


@pytest.mark.parametrize("write", [torch.save, write_pickle], ids=["torch", "pickle"])
def test_a_file_that_asks_to_run_code_is_refused_and_runs_none(
    write: Callable[[object, Path], None], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    write({"config": MakesAFolder(trace)}, tmp_path / "a.pt")
    with pytest.raises(CheckpointError):
        Checkpoint.load(tmp_path / "a.pt")
    assert not trace.exists()


def test_the_refusal_of_code_says_why(tmp_path: Path) -> None:
    torch.save({"config": MakesAFolder(tmp_path / "trace")}, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="could run code"):
        Checkpoint.load(tmp_path / "a.pt")


def test_a_missing_file_is_an_error_that_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"a\.pt is missing.*qibu train"):
        Checkpoint.load(tmp_path / "a.pt")


def test_a_truncated_file_is_an_error_wherever_it_ends(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    checkpoint.save(tmp_path / "whole.pt")
    content = (tmp_path / "whole.pt").read_bytes()
    path = tmp_path / "cut.pt"
    for size in [0, 1, 2, 20, 50, *range(100, len(content), 100), len(content) - 1]:
        path.write_bytes(content[:size])
        with pytest.raises(CheckpointError, match=r"cut\.pt"):
            Checkpoint.load(path)


def test_a_file_of_noise_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "noise.pt"
    chance = random.Random(0)
    for size in range(1, 200):
        path.write_bytes(chance.randbytes(size))
        with pytest.raises(CheckpointError, match=r"noise\.pt"):
            Checkpoint.load(path)


def test_a_file_with_a_damaged_record_is_an_error(checkpoint: Checkpoint, tmp_path: Path) -> None:
    whole, damaged = tmp_path / "whole.pt", tmp_path / "damaged.pt"
    checkpoint.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(damaged, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("data.pkl"):
                content = content[:2] + b"0" + content[2:]  # pops from an empty stack
            target.writestr(name, content)
    with pytest.raises(CheckpointError, match=r"damaged\.pt"):
        Checkpoint.load(damaged)


@pytest.mark.parametrize(
    "content",
    [torch.zeros(3), torch.zeros(()), [1], {}, 1.0, {"config": {}, "extra": None}],
    ids=["tensor", "scalar", "list", "empty", "number", "no config"],
)
def test_another_content_is_an_error(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        Checkpoint.load(tmp_path / "a.pt")


def test_a_config_of_another_version_is_an_error(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a.pt")
    content = torch.load(tmp_path / "a.pt", weights_only=True)
    content["config"]["beam_width"] = 3
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="beam_width"):
        Checkpoint.load(tmp_path / "a.pt")


def test_a_task_that_is_not_registered_is_an_error(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a.pt")
    content = torch.load(tmp_path / "a.pt", weights_only=True)
    content["config"]["task"] = "weather"
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="no task 'weather'; there are poem, digits"):
        Checkpoint.load(tmp_path / "a.pt")


def test_weights_that_do_not_fit_the_config_are_an_error(checkpoint: Checkpoint) -> None:
    checkpoint.weights["head.bias"] = torch.zeros(99)
    with pytest.raises(CheckpointError, match="don't fit"):
        checkpoint.network()


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "last.pt"
    checkpoint.save(path)
    before = path.read_bytes()

    def fill_the_disk(content: object, target: Path) -> None:
        target.write_bytes(b"PK half a checkpoint")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(torch, "save", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
