"""Sets of tokens as a trace names them: each as ranges of numbers, both ends in."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np

from ..core.arrays import Float32Array


def ranges_of(tokens: Iterable[int]) -> list[list[int]]:
    """Give the ranges of token numbers that rise."""
    runs = groupby(enumerate(tokens), lambda pair: pair[1] - pair[0])
    return [[run[0][1], run[-1][1]] for run in (list(group) for _, group in runs)]


def fill(bias: Float32Array, ranges: Sequence[Sequence[int]]) -> None:
    """Write the row of a class into a bias (vocabulary,): 0 where a token is allowed, or -inf."""
    bias.fill(-np.inf)
    for first, last in ranges:
        bias[first : last + 1] = 0
