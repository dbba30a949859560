"""Golden traces: what a model computes, step by step, small enough to hold any language to.

A trace has the inputs of some sequences and what must come out. Whole rows of numbers are named,
not listed: a bias row by its class (the tokens that are allowed), a row of ink by one hexadecimal
digit a pixel, a state by every n-th of its values.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any

import numpy as np

from ..core.arrays import Float32Array
from ..core.errors import NotStreamingError
from ..core.stepper import Stepper
from ..pictures.digit_reader import DigitReader
from ..text.seeded_random import uniform_numbers
from ..verse.poem_trace import classes, poems_of, sequences_of
from ..verse.poet import Poet
from .trace_format import FORMAT, INK, TOLERANCES, Trace, ink_rows, rounded, states_of

DIGITS: Mapping[str, Sequence[tuple[float, float]]] = {  # strokes, as (column, row) of 28
    "0": [(14, 4), (19, 7), (20, 14), (19, 20), (14, 23), (9, 20), (8, 14), (9, 7), (14, 4)],
    "1": [(15, 4), (13, 23)],
    "4": [(16, 23), (18, 4), (7, 16), (21, 16)],
    "7": [(7, 6), (20, 6), (12, 23)],
}


def make_trace(model: Poet | DigitReader, name: str) -> Trace:
    """Step a model and note what goes in and what comes out.

    Args:
        model: what `qibu.load` gave.
        name: what the trace calls the file.

    Raises:
        NotStreamingError: the model reads whole sequences only.
        VerificationError: no seed draws tokens that stand as much noise as a trace allows.
    """
    stepper = model.stepper
    spec = stepper.spec
    assert spec is not None  # Poet and DigitReader open no file without
    if not spec.streaming:
        raise NotStreamingError(
            f"{stepper.path.name} has no trace: its {spec.cell} network is bidirectional and "
            "can't be stepped; trace one that is, such as 'digits'"
        )
    trace = {
        "format": FORMAT,
        "model": name,
        "task": spec.task,
        "weights_sha256": spec.weights_sha256,
        "quantization": spec.quantization,
        "tolerances": dict(TOLERANCES[spec.quantization]),
    }
    if isinstance(model, DigitReader):
        return trace | {"ink": INK, "sequences": list(_digit_sequences(stepper))}
    return trace | {
        "classes": classes(model),
        "sequences": list(sequences_of(model)),
        "poems": list(poems_of(model)),
    }


def _digit_sequences(stepper: Stepper) -> Iterator[dict[str, Any]]:
    """Read some drawn digits, and a picture of noise."""
    numbers = uniform_numbers(1)
    noise = np.array(list(islice(numbers, 28 * 28)), np.float32).reshape(28, 28)
    pictures = {name: _draw(points) for name, points in DIGITS.items()} | {"noise": noise}
    for name, picture in pictures.items():
        rows = ["".join(f"{round(float(ink) * INK):x}" for ink in row) for row in picture]
        state, steps = stepper.initial_state(), []
        for row in ink_rows(rows):
            outputs, state = stepper.step({"rows": row[None, None]}, state)
            steps.append(rounded(outputs["probabilities"][0]))
        yield {
            "name": name,
            "rows": rows,
            "probabilities": steps,
            "states": states_of(stepper, state),
        }


def _draw(points: Sequence[tuple[float, float]]) -> Float32Array:
    """Draw a line through points with a round pen, (28, 28) float32 ink 0..1."""
    rows, columns = np.mgrid[:28, :28].astype(float)
    distance = np.full((28, 28), np.inf)
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        share = ((columns - x0) * dx + (rows - y0) * dy) / (dx * dx + dy * dy)
        share = np.clip(share, 0, 1)
        there = np.hypot(columns - x0 - share * dx, rows - y0 - share * dy)
        distance = np.minimum(distance, there)
    return np.clip(1.9 - distance, 0, 1).astype(np.float32)
