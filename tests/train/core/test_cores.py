"""The cores that a process may use: by affinity, and by what its container allows."""

import os
from pathlib import Path

import pytest
import torch

from qibu_train.core import cores
from qibu_train.core.cores import available_cores, use_available_cores


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("allowed", "cores"), [("max", 8), ("200000", 2), ("150000", 2), ("20000", 1), ("9900000", 8)]
)
def test_a_quota_of_version_2_counts(allowed: str, cores: int, tmp_path: Path) -> None:
    assert available_cores(write(tmp_path, cpu_dot_max=f"{allowed} 100000\n")) == cores


@pytest.mark.parametrize(("allowed", "cores"), [("-1", 8), ("300000", 3)])
def test_a_quota_of_version_1_counts(allowed: str, cores: int, tmp_path: Path) -> None:
    files = {"cpu__cpu.cfs_quota_us": allowed, "cpu__cpu.cfs_period_us": "100000"}
    assert available_cores(write(tmp_path, **files)) == cores


def test_without_control_groups_the_affinity_counts(tmp_path: Path) -> None:
    assert available_cores(tmp_path) == 8


@pytest.mark.parametrize(("said", "threads"), [(None, 1), ("2", 2)])
def test_torch_has_no_more_threads_than_cores_unless_told(
    said: str | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = torch.get_num_threads()
    monkeypatch.setattr(cores, "available_cores", lambda: 1)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if said:
        monkeypatch.setenv("OMP_NUM_THREADS", said)
    try:
        torch.set_num_threads(2)
        use_available_cores()
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
