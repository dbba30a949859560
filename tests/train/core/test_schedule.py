"""How far a run is, and when it ends."""

from dataclasses import replace

import pytest

from qibu.core.errors import InputError
from qibu_train.core.run_config import RunConfig
from qibu_train.core.schedule import Position, Schedule, learning_rate, rows_since_best


def at_most(one: float, other: float) -> bool:
    return one <= other


def size(epoch: int) -> int:
    return (300, 100, 100)[epoch]


def test_epochs_count_by_their_size(sum_config: RunConfig) -> None:
    schedule = Schedule(sum_config, size)
    assert schedule.progress(Position(epoch=0, step=2, length=4)) == pytest.approx(0.3)
    assert schedule.progress(Position(epoch=1, step=0, length=4)) == pytest.approx(0.6)
    assert not schedule.is_over(Position(epoch=2, step=3, length=4))
    assert schedule.is_over(Position(epoch=3))


def test_minutes_count_whatever_the_epochs(sum_config: RunConfig) -> None:
    schedule = Schedule(replace(sum_config, minutes=2), size)
    assert schedule.progress(Position(epoch=7, spent=30)) == 0.25
    assert not schedule.is_over(Position(epoch=7, spent=119))
    assert schedule.is_over(Position(epoch=0, spent=121))
    assert schedule.progress(Position(epoch=0, spent=121)) == 1


@pytest.mark.parametrize(
    ("figures", "rows"), [([], 0), ([3], 0), ([3, 2, 4, 5], 2), ([3, 2, 2], 0), ([1, 2, 3], 2)]
)
def test_rows_are_counted_from_the_best(figures: list[float], rows: int) -> None:
    assert rows_since_best([{"x": figure} for figure in figures], "x", at_most) == rows


@pytest.mark.parametrize("minutes", [-1.0, float("nan"), float("inf")])
def test_minutes_that_are_none_are_refused(minutes: float, sum_config: RunConfig) -> None:
    with pytest.raises(InputError, match="minutes"):
        replace(sum_config, minutes=minutes)


def test_the_learning_rate_starts_low_and_peaks_after_the_warm_up(
    sum_config: RunConfig,
) -> None:
    config = replace(sum_config, warmup=0.1)
    assert 0 < learning_rate(config, 0.0) <= 0.001 * config.learning_rate
    assert learning_rate(config, 0.05) == pytest.approx(0.5 * config.learning_rate)
    assert learning_rate(config, 0.1) == pytest.approx(config.learning_rate)


def test_the_learning_rate_ends_at_a_hundredth(sum_config: RunConfig) -> None:
    assert learning_rate(sum_config, 1.0) == pytest.approx(0.01 * sum_config.learning_rate)


def test_the_learning_rate_falls_as_a_cosine(sum_config: RunConfig) -> None:
    config = replace(sum_config, warmup=0.1)
    rates = [learning_rate(config, 0.1 + 0.9 * share) for share in (0, 0.25, 0.5, 0.75, 1)]
    assert rates == sorted(rates, reverse=True)
    assert rates[2] == pytest.approx((0.01 + 0.99 / 2) * config.learning_rate)


@pytest.mark.parametrize("warmup", [0.0, 1.0])
def test_a_run_can_be_all_warm_up_or_none(warmup: float, sum_config: RunConfig) -> None:
    config = replace(sum_config, warmup=warmup)
    rates = [learning_rate(config, step / 100) for step in range(100)]
    assert all(0 < rate <= config.learning_rate for rate in rates)
    assert (rates == sorted(rates)) == (warmup == 1.0)
