"""What golden traces of every task have in common, and how far a value of one may be off."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array
from ..core.state import State
from ..core.stepper import Stepper

FORMAT = 1
STATE_VALUES = 256  # of a state, at most so many values are kept

Trace = dict[str, Any]
Difference = tuple[str, float, str]  # the kind of value, how far it is off, where

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


def state_values(array: Array) -> tuple[int, Array]:
    """Give n and every n-th value of a state, laid flat, from the first on."""
    every = -(-array.size // STATE_VALUES)
    return every, array.ravel()[::every]


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


def state_differences(stepper: Stepper, state: State, sequence: Trace) -> Iterator[Difference]:
    """Give how far a state is off what a sequence ends with."""
    for pair in stepper.pairs:
        _, values = state_values(state[pair.input])
        wanted = sequence["states"][pair.output]["values"]
        yield "states", off_by(values, wanted), f"sequence {sequence['name']!r}, {pair.output}"


def off_by(found: npt.ArrayLike, wanted: npt.ArrayLike) -> float:
    """Give the largest difference, relative where the wanted value is above 1."""
    a, b = np.asarray(found, float), np.asarray(wanted, float)
    return float((np.abs(a - b) / np.maximum(1, np.abs(b))).max())
