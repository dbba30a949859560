"""What a golden trace is made of: names for whole rows of numbers, and how far one may be off."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.arrays import Array, Float32Array
from ..core.state import State
from ..core.stepper import Stepper

FORMAT = 1
STATE_VALUES = 256  # of a state, at most so many values are kept
INK = 15  # a pixel is one hexadecimal digit, of so many that are full ink

Trace = dict[str, Any]

# how far another implementation may be off: of values up to 1, and of a share of larger ones;
# `draw` is what the logits may be off and still draw the tokens of the trace
Tolerances = Mapping[str, float | str]
_FLOAT32: Tolerances = {
    "logits": 1e-3,
    "probabilities": 1e-4,
    "states": 1e-4,
    "draw": 1e-4,
    "reason": "float32: sums in another order, and exp and tanh some units in the last place off, "
    "add up over the steps",
}
TOLERANCES: Mapping[str | None, Tolerances] = {
    None: _FLOAT32,
    "int8 weights": _FLOAT32,
    "int8": {
        "logits": 1e-5,
        "probabilities": 1e-5,
        "states": 1e-5,
        "draw": 1e-4,
        "reason": "int8: whole numbers and exactly rounded operators give every machine the same "
        "bits; a trace keeps six digits, and exp may end differently. One rounding to 8 bits that "
        "falls the other way would be a thousandfold of this",
    },
}


def bias_row(ranges: Sequence[Sequence[int]], vocabulary_size: int) -> Float32Array:
    """Give the bias (1, vocabulary) of a class: 0 where a token is allowed, -inf elsewhere."""
    bias = np.full((1, vocabulary_size), -np.inf, np.float32)
    for first, last in ranges:
        bias[0, first : last + 1] = 0
    return bias


def state_values(array: Array) -> tuple[int, Array]:
    """Give n and every n-th value of a state, laid flat, from the first on."""
    every = -(-array.size // STATE_VALUES)
    return every, array.ravel()[::every]


def ink_rows(rows: Sequence[str]) -> Float32Array:
    """Turn rows of hexadecimal digits into ink 0..1, (rows, 28) float32."""
    ink = np.array([[int(pixel, 16) for pixel in row] for row in rows], np.float32)
    return ink / np.float32(INK)


def states_of(stepper: Stepper, state: State) -> dict[str, Any]:
    """Give what a trace keeps of a state, by output name."""
    noted = {}
    for pair in stepper.pairs:
        every, values = state_values(state[pair.input])
        shape = list(state[pair.input].shape)
        noted[pair.output] = {"shape": shape, "every": every, "values": rounded(values)}
    return noted


def rounded(values: Array) -> list[float]:
    """Give numbers with the six digits that a trace keeps."""
    return [round(float(value), 6) for value in values]
