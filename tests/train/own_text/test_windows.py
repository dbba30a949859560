"""The batches of an epoch: what is predicted, once each, from where."""

import numpy as np
import pytest

from qibu_train.own_text.corpus import Part
from qibu_train.own_text.windows import Batch, batches, cut_walks, longest_walk, whole_walks


def part_of(*lengths: int) -> Part:
    starts = np.cumsum([0, *lengths])
    return Part(np.arange(starts[-1], dtype=np.uint16), starts.astype(np.int64))


PARTS = [part_of(1000), part_of(5, 900, 2, 2, 2, 70, 71, 72, 300), part_of(*[4, 9, 13] * 30)]


def epoch(part: Part, units: int, window: int, seed: int) -> list[Batch]:
    random = np.random.default_rng(seed)
    walks = cut_walks(part, longest_walk(len(part), units, window), random)
    return list(batches(walks, units, window, random))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("units", "window"), [(64, 8), (20, 30), (1, 8), (1000, 16)])
def test_every_token_but_a_text_s_first_is_predicted_once(
    part: Part, units: int, window: int
) -> None:
    for plan in (epoch(part, units, window, 0), list(batches(whole_walks(part), 99, 16, None))):
        targets = [
            place
            for batch in plan
            for first, length in batch.rows
            for place in range(first + 1, first + length + 1)
        ]
        assert sorted(targets) == sorted(set(range(part.starts[-1])) - set(part.starts[:-1]))


@pytest.mark.parametrize("part", PARTS)
def test_no_window_leaves_its_text(part: Part) -> None:
    for batch in epoch(part, 64, 8, 0):
        for first, length in batch.rows:
            text = np.searchsorted(part.starts, first, side="right")
            assert first + length < part.starts[text]


@pytest.mark.parametrize("part", PARTS)
def test_a_row_goes_on_where_its_last_window_ended(part: Part) -> None:
    before = np.empty((0, 2), np.int64)
    for batch in epoch(part, 64, 8, 3):
        if not batch.is_first:
            assert len(batch) <= len(before)
            assert batch.rows[:, 0].tolist() == before[: len(batch)].sum(1).tolist()
        before = batch.rows


@pytest.mark.parametrize("part", PARTS)
def test_a_batch_holds_no_more_than_it_may(part: Part) -> None:
    for batch in epoch(part, 64, 8, 0):
        assert len(batch) * batch.rows[:, 1].max() <= 64 or len(batch) == 1


def test_the_same_seed_gives_the_same_batches_and_another_gives_others() -> None:
    one, again, other = (
        [batch.rows.tolist() for batch in epoch(PARTS[1], 64, 8, seed)] for seed in (0, 0, 1)
    )
    assert one == again
    assert one != other


def test_short_texts_fill_a_batch_together() -> None:
    plan = epoch(part_of(*[9] * 64), 128, 64, 0)
    assert len(plan) <= 6
