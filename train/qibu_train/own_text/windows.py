"""The batches of an epoch: rows that walk along a text, a window at a time."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .corpus import Part

Ints = NDArray[np.int64]
WALK = 64  # windows that a row goes through before it begins elsewhere


class Walks(NamedTuple):
    """Stretches of texts: each begins with a state of zeros and is read to its end."""

    first: Ints  # token that is read first
    length: Ints  # how many tokens are predicted, which are those after it


class Batch:
    """The next window of some rows; what `rows` has says where each is, and how long.

    Args:
        rows: (rows, 2) int64, the first token and the number of predictions, longest first.
        is_first: whether the rows begin here; else they go on from the batch before, as many of
            its rows as there are now.
    """

    def __init__(self, rows: Ints, is_first: bool) -> None:
        self.rows, self.is_first = rows, is_first

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, some: slice) -> "Batch":
        return Batch(self.rows[some], self.is_first)


def whole_walks(part: Part) -> Walks:
    """Let every text be one walk."""
    return Walks(part.starts[:-1], np.diff(part.starts) - 1)


def cut_walks(part: Part, longest: int, random: np.random.Generator) -> Walks:
    """Cut texts into walks of at most `longest` predictions, from a random place on."""
    first, length = whole_walks(part)
    long = np.flatnonzero(length > longest)
    firsts, lengths = [np.delete(first, long)], [np.delete(length, long)]
    for text in long:
        inner = np.arange(int(random.integers(1, longest + 1)), length[text], longest)
        places = np.concatenate([[0], inner, length[text : text + 1]])
        firsts.append(first[text] + places[:-1])
        lengths.append(np.diff(places))
    return Walks(np.concatenate(firsts), np.concatenate(lengths))


def longest_walk(size: int, batch_units: int, window: int) -> int:
    """Give the length of walks that fills the rows of a batch from a text of a size."""
    rows = max(batch_units // window, 1)
    return min(max(-(-size // rows), 1), WALK * window)


def batches(
    walks: Walks, batch_units: int, window: int, random: np.random.Generator | None
) -> Iterator[Batch]:
    """Put walks of similar length beside each other, and read them window by window.

    Args:
        walks: of a text.
        batch_units: tokens in a batch at the most, padding among them; at least one row is read.
        window: predictions of a row in one batch.
        random: shuffles; None: the longest walks come first.
    """
    noise = random.uniform(0, 4, len(walks.length)) if random else 0
    order = np.argsort(-(walks.length + noise), kind="stable")
    groups, begin = list[Ints](), 0
    while begin < len(order):
        group = order[begin : begin + _rows(walks.length[order[begin]], batch_units, window)]
        # noise may have put a longer one behind the first
        group = group[: _rows(walks.length[group].max(), batch_units, window)]
        groups.append(group)
        begin += len(group)
    turns = random.permutation(len(groups)) if random else range(len(groups))
    for turn in turns:
        group = groups[turn]
        group = group[np.argsort(-walks.length[group], kind="stable")]
        first, length = walks.first[group], walks.length[group]
        for done in range(0, int(length[0]), window):
            rows = int(np.count_nonzero(length > done))
            left = np.minimum(length[:rows] - done, window)
            yield Batch(np.stack([first[:rows] + done, left], axis=1), done == 0)


def _rows(length: int, batch_units: int, window: int) -> int:
    """Say how many rows of a length fit into a batch."""
    return max(batch_units // max(min(int(length), window), 1), 1)
