"""Any stateful model over a recording: what goes in, and what came of every step."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import qibu
from qibu.core.arrays import Array, Float32Array
from qibu.core.errors import InputError
from qibu.core.port import Port
from qibu.data.recordings import read_recording

from ..page.limits import CSV_BYTES, STEPS
from .columns import columns_in_short, read_inputs, sizes_of, width_of

UNITS = 256  # of a state, at most so many are shown


class Walk:
    """What came of the steps so far."""

    def __init__(self) -> None:
        self._outputs: dict[str, list[Array]] = {}
        self._states: dict[str, list[Array]] = {}
        self.units: dict[str, int] = {}  # of each state, also of those that aren't kept

    def add(self, outputs: Mapping[str, Array], state: Mapping[str, Array]) -> None:
        """Note what a step gave and left."""
        for name, values in outputs.items():
            self._outputs.setdefault(name, []).append(_numbers(values))
        for name, values in state.items():
            self.units[name] = values.size
            self._states.setdefault(name, []).append(_numbers(values)[:UNITS])

    @property
    def outputs(self) -> Mapping[str, Float32Array]:
        """The outputs by name, (steps, values) float32."""
        return {name: _stacked(rows) for name, rows in self._outputs.items()}

    @property
    def states(self) -> Mapping[str, Float32Array]:
        """The states by name, (units, steps) float32, as they stood after each step."""
        return {name: _stacked(rows).T for name, rows in self._states.items()}


def rows_of(text: str) -> Array:
    """Read CSV that was typed or uploaded: (steps, columns).

    Raises:
        InputError: it is no CSV of numbers, or has more steps than the page takes.
    """
    if len(text) > CSV_BYTES:
        raise InputError(f"the CSV has {len(text)} characters, at most {CSV_BYTES} are read")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        path.write_text(text, "utf-8")
        try:
            rows = read_recording(str(path))
        except InputError as error:
            raise InputError(str(error).replace(str(path), "the CSV")) from error
    if len(rows) > STEPS:
        raise InputError(f"the CSV has {len(rows)} steps, at most {STEPS} are taken here")
    return rows


def walk(stepper: qibu.Stepper, rows: Array) -> Iterator[Walk]:
    """Step over the rows from the initial state, giving what came so far after each, one object.

    Raises:
        InputError: a row doesn't fit, with its number.
        RunError: the graph refuses a step.
    """
    ports, state = read_inputs(stepper), stepper.initial_state()
    sizes = [width_of(port) for port in ports]
    if rows.shape[1] != sum(sizes):
        raise InputError(
            f"a row has {rows.shape[1]} values, the model reads {sum(sizes)}: "
            f"{', '.join(columns_in_short(stepper))}"
        )
    walked = Walk()
    for number, row in enumerate(rows, 1):
        parts = np.split(row, np.cumsum(sizes)[:-1])
        given = {
            port.name: _cast(part, port, number) for port, part in zip(ports, parts, strict=True)
        }
        try:
            found, state = stepper.step(given, state)
        except InputError as error:
            raise InputError(f"row {number}: {error}") from error
        walked.add(found, state)
        yield walked


def _stacked(rows: list[Array]) -> Float32Array:
    """Lay rows under each other; those of a state that grows are filled up with 0."""
    width = max(map(len, rows))
    return np.stack([np.pad(row, (0, width - len(row))) for row in rows]).astype(np.float32)


def _numbers(values: Array) -> Array:
    flat = np.ravel(values)
    return flat.astype(np.float32) if flat.dtype != object else np.zeros(0, np.float32)


def _cast(part: Array, port: Port, number: int) -> Array:
    values: Array = part.astype(port.dtype)
    if values.dtype.kind in "iub" and not np.array_equal(values, part):
        raise InputError(f"row {number}: input {port} can't hold {part.tolist()}")
    return values.reshape(sizes_of(port))
