"""How many cores this process may use, which in a container are fewer than the machine has."""

import math
import os
from pathlib import Path

import torch

GROUPS = Path("/sys/fs/cgroup")


def available_cores(groups: Path = GROUPS) -> int:
    """Count the cores by affinity and by the quota of the control group, rounded up; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    quota = _quota(groups)
    return max(1, cores if quota is None else min(cores, math.ceil(quota)))


def _quota(groups: Path) -> float | None:
    """Read how many cores' time the control group gets, of version 2 or 1; None: no limit."""
    try:
        if (groups / "cpu.max").is_file():
            allowed, period = (groups / "cpu.max").read_text("utf-8").split()
        else:
            allowed = (groups / "cpu" / "cpu.cfs_quota_us").read_text("utf-8")
            period = (groups / "cpu" / "cpu.cfs_period_us").read_text("utf-8")
        quota = float(allowed) / float(period)  # "max" is no number
    except (OSError, ValueError, ZeroDivisionError):
        return None
    return quota if quota > 0 else None


def use_available_cores() -> None:
    """Let torch have no more threads than cores; OMP_NUM_THREADS, where it is set, decides."""
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(min(torch.get_num_threads(), available_cores()))
