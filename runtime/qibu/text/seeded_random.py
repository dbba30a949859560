"""The random numbers behind a seed, simple enough to be the same in every language."""

import os
from collections.abc import Iterator

import numpy as np

from ..core.errors import InputError

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_AT_ONCE = 64
_STEPS = np.arange(1, _AT_ONCE + 1, dtype=np.uint64) * np.uint64(_STEP)


def uniform_numbers(seed: int, skip: int = 0) -> Iterator[float]:
    """Give endless numbers in [0, 1), exact in float32, from a seed 0..2**64-1, after `skip` ones.

    SplitMix64 (Steele, Lea & Flood 2014, https://doi.org/10.1145/2660193.2660195); the upper 24
    bits of each number, which a float32 holds exactly, over 2**24.
    """
    state = (seed + skip * _STEP) & _MASK
    while True:
        mixed = np.uint64(state) + _STEPS
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        yield from ((mixed >> np.uint64(40)) * 2.0**-24).tolist()
        state = (state + _AT_ONCE * _STEP) & _MASK


def choose_seed(seed: int | None) -> int:
    """Give the seed itself if it is one, or a random one for None.

    Raises:
        InputError: it is no number 0..2**64-1.
    """
    if seed is None:
        return int.from_bytes(os.urandom(4), "big")
    if not 0 <= seed < 2**64:
        raise InputError(f"seed must be 0..2**64-1, got {seed}")
    return seed


def following_seeds(seed: int | None, count: int) -> list[int]:
    """Give so many seeds that follow one another from the one that `choose_seed` gives."""
    first = choose_seed(seed)
    return [(first + number) % 2**64 for number in range(count)]
