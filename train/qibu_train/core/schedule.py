"""How far a run is: by its epochs or by its minutes; its learning rate, and when it ends."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .run_config import RunConfig


@dataclass
class Position:
    """Where a run stands; sums are those since the last row of the history."""

    epoch: int = 0
    step: int = 0  # the next one of the epoch
    length: int = 0  # steps of the epoch
    done: int = 0  # units of the epoch
    steps: int = 0  # since the last row
    loss_sum: float = 0.0
    count: int = 0
    seconds: float = 0.0  # spent in steps
    cpu_seconds: float = 0.0  # the processor's, which other programs don't lengthen
    spent: float = 0.0  # seconds of the whole run, validations among them
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def epochs(self) -> float:
        """How many are done, a part of one among them."""
        return self.epoch + self.step / self.length if self.step else self.epoch

    def begin_row(self) -> None:
        """Set the sums back."""
        self.steps = self.count = 0
        self.loss_sum = self.seconds = self.cpu_seconds = 0.0


def learning_rate(config: RunConfig, progress: float) -> float:
    """Give the rate at a share 0..1 of the run: linear warm-up, then a cosine to a hundredth."""
    if progress < config.warmup:
        return config.learning_rate * max(progress / config.warmup, 1e-3)
    along = (progress - config.warmup) / (1 - config.warmup) if config.warmup < 1 else 1.0
    return config.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(along, 1.0))))


class Schedule:
    """The length of a run: `minutes` where a config has some, else `epochs`.

    Args:
        config: the run's.
        epoch_units: gives the size of an epoch.
    """

    def __init__(self, config: RunConfig, epoch_units: Callable[[int], int]) -> None:
        self._config = config
        sizes = [] if config.minutes else [epoch_units(epoch) for epoch in range(config.epochs)]
        self._before = [sum(sizes[:epoch]) / max(sum(sizes), 1) for epoch in range(len(sizes) + 1)]

    def progress(self, at: Position) -> float:
        """Give the share 0..1 of the run that is done."""
        if self._config.minutes:
            return min(at.spent / (60 * self._config.minutes), 1.0)
        before, after = self._before[at.epoch], self._before[at.epoch + 1]
        return before + at.step / at.length * (after - before)

    def is_over(self, at: Position) -> bool:
        """Say whether the time is up, or all epochs are done."""
        if self._config.minutes:
            return at.spent >= 60 * self._config.minutes
        return at.epoch >= self._config.epochs

    def is_row_due(self, at: Position) -> bool:
        """Say whether to validate inside an epoch."""
        return 0 < self._config.validate_steps <= at.steps


def rows_since_best(
    history: Sequence[dict[str, Any]], key: str, better: Callable[[float, float], bool]
) -> int:
    """Count the rows after the one with the best figure."""
    best = 0
    for number, row in enumerate(history):
        if better(row[key], history[best][key]):
            best = number
    return max(len(history) - 1 - best, 0)
