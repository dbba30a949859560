"""The random numbers behind a seed, simple enough to be the same in every language."""

from collections.abc import Iterator

import numpy as np

_MASK = (1 << 64) - 1


def uniform_numbers(seed: int) -> Iterator[np.float32]:
    """Give endless float32 numbers in [0, 1) from a seed 0..2**64-1.

    SplitMix64 (Steele, Lea & Flood 2014, https://doi.org/10.1145/2660193.2660195); the upper 24
    bits of each number, which a float32 holds exactly, over 2**24.
    """
    state = seed & _MASK
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        mixed ^= mixed >> 31
        yield np.float32((mixed >> 40) * 2.0**-24)
