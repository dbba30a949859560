"""The golden trace of a model that reads pictures: drawn digits, and noise, read row by row."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from math import prod
from typing import Any

import numpy as np

from ..core.arrays import Array, Float32Array
from ..quality.trace_format import Difference, Trace, off_by, rounded, state_differences, states_of
from ..text.seeded_random import uniform_numbers
from .picture_format import MNIST, PictureFormat
from .reader import Reader

OWN_VALUES = 8_000  # of a file's own trace, which has room for 64 KB of text
ROW_VALUES = 128  # that a row takes there besides its pixels: outputs, and the words around
INK = 15  # a pixel is one hexadecimal digit, of so many that are full ink
DIGITS: Mapping[str, Sequence[tuple[float, float]]] = {  # strokes, as (column, row) of 28
    "0": [(14, 4), (19, 7), (20, 14), (19, 20), (14, 23), (9, 20), (8, 14), (9, 7), (14, 4)],
    "1": [(15, 4), (13, 23)],
    "4": [(16, 23), (18, 4), (7, 16), (21, 16)],
    "7": [(7, 6), (20, 6), (12, 23)],
}


def parts(reader: Reader) -> dict[str, Any]:
    """Give what a trace holds of a digits model: pictures, and what comes of their rows."""
    return {"ink": INK, "sequences": list(_sequences(reader))}


def differences(reader: Reader, trace: Trace) -> Iterator[Difference]:
    """Read a trace's pictures; give how far every value is off."""
    stepper = reader.stepper
    for sequence in trace["sequences"]:
        state = stepper.initial_state()
        pairs = zip(ink_rows(sequence["rows"]), sequence["probabilities"], strict=True)
        for number, (row, wanted) in enumerate(pairs, 1):
            outputs, state = stepper.step({"rows": row[None, None]}, state)
            where = f"sequence {sequence['name']!r}, row {number}"
            yield "probabilities", off_by(outputs["probabilities"][0], wanted), where
        yield from state_differences(stepper, state, sequence)


def own_trace(reader: Reader) -> list[dict[str, Array]]:
    """Give the rows of a drawn digit, one a step; of a model without steps, the whole picture."""
    rows = _draw(DIGITS["4"], reader.pictures)
    count = max(1, OWN_VALUES // (rows.shape[1] + ROW_VALUES))
    above = max(0, (len(rows) - count) // 2)  # of a large picture the middle is taken
    rows = rows[above : above + count]
    if not reader.stepper.pairs:
        return [{"rows": rows[None]}]
    return [{"rows": row[None, None]} for row in rows]


def ink_rows(rows: Sequence[str]) -> Float32Array:
    """Turn rows of hexadecimal digits into ink 0..1, (rows, width) float32."""
    ink = np.array([[int(pixel, 16) for pixel in row] for row in rows], np.float32)
    return ink / np.float32(INK)


def _sequences(reader: Reader) -> Iterator[dict[str, Any]]:
    """Read some drawn digits, and a picture of noise."""
    stepper, size = reader.stepper, (reader.pictures.height, reader.pictures.width)
    noise = np.array(list(islice(uniform_numbers(1), prod(size))), np.float32).reshape(size)
    pictures = {name: _draw(points, reader.pictures) for name, points in DIGITS.items()}
    pictures["noise"] = noise
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


def _draw(points: Sequence[tuple[float, float]], pictures: PictureFormat) -> Float32Array:
    """Draw a line through points of a 28x28 sheet with a round pen, as large as a model reads.

    Returns:
        (height, width) float32, ink 0..1.
    """
    H, W = pictures.height, pictures.width
    rows, columns = np.mgrid[:H, :W].astype(float)
    rows, columns = rows * (MNIST.height / H), columns * (MNIST.width / W)
    distance = np.full((H, W), np.inf)
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        share = ((columns - x0) * dx + (rows - y0) * dy) / (dx * dx + dy * dy)
        share = np.clip(share, 0, 1)
        there = np.hypot(columns - x0 - share * dx, rows - y0 - share * dy)
        distance = np.minimum(distance, there)
    return np.clip(1.9 - distance, 0, 1).astype(np.float32)
