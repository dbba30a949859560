"""The columns of a recording that a model reads, and rows to begin with."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from math import prod

import numpy as np

import qibu
from qibu.core.arrays import Array
from qibu.core.errors import NotStreamingError
from qibu.core.port import Port

ROWS = 24  # of an example
VALUES = 4_000  # of an example, at most, so that it can be looked through
WIDEST = 20_000  # values of a row that is shown as an example
MOST_COLUMNS = 8  # of an input, that are named one by one
_PLAIN = re.compile(r"(?!(?:nan|inf|infinity)$)[^\W\d]\w*(\[\d+\])?", re.IGNORECASE)


def read_inputs(stepper: qibu.Stepper) -> list[Port]:
    """Give the inputs that a row is read into, one after another: all that have no default.

    Raises:
        NotStreamingError: the model reads whole sequences only.
    """
    if not stepper.pairs:
        raise NotStreamingError(
            f"{stepper.path.name} can't be stepped: it reads whole sequences; `qibu inspect` shows "
            "what it says"
        )
    defaults = stepper.spec.defaults if stepper.spec else {}
    return [port for name, port in stepper.inputs.items() if name not in defaults]


def sizes_of(port: Port) -> list[int]:
    """Give the shape that one step reads: 1 where an axis is free."""
    return [1 if size is None else size for size in port.shape]


def width_of(port: Port) -> int:
    """Count the values of one step."""
    return prod(sizes_of(port))


def columns(stepper: qibu.Stepper) -> list[str]:
    """Name the values of a row."""
    return [name for port in read_inputs(stepper) for name in _columns_of(stepper, port)]


def columns_in_short(stepper: qibu.Stepper) -> list[str]:
    """Name the values of a row; of an input with many the first and the last."""
    found = []
    for port in read_inputs(stepper):
        names = _columns_of(stepper, port)
        found += names if len(names) <= MOST_COLUMNS else [f"{names[0]} … {names[-1]}"]
    return found


def _columns_of(stepper: qibu.Stepper, port: Port) -> list[str]:
    size = width_of(port)
    notes = stepper.spec.ports if stepper.spec else {}
    labels = notes[port.name].labels if port.name in notes else ()
    if len(labels) == size:
        return list(labels)
    return [port.name] if size == 1 else [f"{port.name}[{place}]" for place in range(size)]


def example(stepper: qibu.Stepper) -> str:
    """Give CSV to begin with: the rows of the file's own trace again and again, or of a wave.

    Where a row has too many values to be looked at, it is empty.
    """
    names = columns(stepper)
    if len(names) > WIDEST:
        return ""
    count = max(1, min(ROWS, VALUES // max(1, len(names))))
    traced = _traced_rows(stepper)
    if traced:
        rows = [traced[step % len(traced)] for step in range(count)]
    else:
        rows = [_wave(read_inputs(stepper), step) for step in range(count)]
    # names that might be read as numbers, or as several columns, are left out
    named = all(map(_PLAIN.fullmatch, names))
    return _csv(names if named else (), rows)


def _wave(ports: Sequence[Port], step: int) -> Array:
    """Give a row of a wave, in whole numbers from 0 on where an input takes no others."""
    whole = [np.dtype(port.dtype or "O").kind in "iub" for port in ports]
    wave: Array = np.sin(0.4 * step + np.arange(sum(map(width_of, ports))))
    places = np.repeat(whole, list(map(width_of, ports)))
    wave[places] = np.abs(np.rint(wave[places]))
    return wave


def _traced_rows(stepper: qibu.Stepper) -> list[Array]:
    """Give what the file's own trace reads, a row a step."""
    ports = read_inputs(stepper)
    trace = stepper.spec.trace if stepper.spec else None
    found: list[Array] = []
    for step in trace.steps if trace else ():
        arrays = [
            step["inputs"][port.name].array() for port in ports if port.name in step["inputs"]
        ]
        widths = [width_of(port) for port in ports]
        if len(arrays) < len(ports) or any(
            array.size % width for array, width in zip(arrays, widths, strict=True)
        ):
            continue
        parts = [array.reshape(-1, width) for array, width in zip(arrays, widths, strict=True)]
        if len({len(part) for part in parts}) == 1:  # as many steps of each input
            found += list(np.concatenate(parts, axis=1))
    return found


def _csv(names: Sequence[str], rows: Sequence[Array]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if names:
        writer.writerow(names)
    writer.writerows([_number(float(value)) for value in row] for row in rows)
    return text.getvalue().strip()


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.4g}"
