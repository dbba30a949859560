"""Recordings as people keep them: NumPy files and CSV, read a step at a time and written whole."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from ..core.arrays import Array
from ..core.errors import InputError
from ..core.files import atomic_path
from ..core.port import Port


def read_recording(source: str) -> Array:
    """Read a recording: (steps, …) from `.npy`, or (steps, columns) from CSV.

    Args:
        source: the path of a `.npy` or `.csv` file, or "-" for CSV on standard input. A first row
            of names is passed over.

    Raises:
        InputError: the file is missing, or is neither; the line and the value are named.
    """
    if source == "-":
        return _parse_csv(_decode(sys.stdin.buffer.read(), "standard input"), "standard input")
    path = Path(source)
    if not path.is_file():
        raise InputError(
            f"no recording {source!r}; give a .npy or .csv file, or - for CSV on stdin"
        )
    if path.suffix == ".npy":
        try:
            array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError, SyntaxError) as error:
            raise InputError(f"{source} is not a NumPy file of numbers: {error}") from error
        return array
    if path.suffix in (".csv", ".tsv", ".txt"):
        return _parse_csv(_decode(path.read_bytes(), source), source)
    raise InputError(f"a recording ends in .npy or .csv, got {source!r}")


def _decode(content: bytes, source: str) -> str:
    """Read UTF-8 with or without the mark that Windows sets before it, whatever the locale."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not UTF-8: byte {error.start}") from error


def _parse_csv(text: str, source: str) -> Array:
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t ")
    except csv.Error:  # one column
        dialect = csv.excel
    rows: list[list[float]] = []
    for number, cells in enumerate(csv.reader(io.StringIO(text), dialect), 1):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        try:
            row = [float(cell) for cell in cells]
        except ValueError as error:
            if not rows and number == 1:
                continue  # the names of the columns
            odd = next(cell for cell in cells if not _is_number(cell))
            raise InputError(f"{source}, line {number}: {odd!r} is no number") from error
        if rows and len(row) != len(rows[0]):
            raise InputError(
                f"{source}, line {number}: {len(row)} columns, the lines before have {len(rows[0])}"
            )
        rows.append(row)
    if not rows:
        raise InputError(f"{source} has no line of numbers")
    return np.array(rows)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


class Steps:
    """A recording cut into what a graph reads step by step.

    Args:
        recording: (steps, …); a step is a row, which may be flat; or (samples,) for an input of
            several values, which reads them chunk after chunk.
        port: the input that reads it.
        source: what the recording is called in an error.

    Raises:
        InputError: a row isn't what a step reads.
    """

    def __init__(self, recording: Array, port: Port, source: str) -> None:
        self._shape = [size if size is not None else 1 for size in port.shape]
        self._dtype = np.dtype(port.dtype or "float32")
        size = int(np.prod(self._shape))
        if recording.ndim == 1 and size > 1:
            if len(recording) % size:
                raise InputError(
                    f"{source} has {len(recording)} values, input {port} reads {size} a step: "
                    f"cut it to {len(recording) // size * size}, or fill it up"
                )
            recording = recording.reshape(-1, size)
        found = int(np.prod(recording.shape[1:]))
        if not recording.ndim or found != size:
            raise InputError(
                f"{source} must have {size} values a row, as input {port} reads a step, "
                f"got shape {list(recording.shape)}"
            )
        self._recording = recording

    def __len__(self) -> int:
        return len(self._recording)

    def __getitem__(self, step: int) -> Array:
        row = np.asarray(self._recording[step])
        if not np.can_cast(row.dtype, self._dtype, "same_kind"):
            whole = row.astype(self._dtype)
            if not np.array_equal(whole, row):
                raise InputError(f"step {step + 1} has {row}, which {self._dtype} can't hold")
            row = whole
        return row.astype(self._dtype).reshape(self._shape)


class Sink(Protocol):
    """Where the outputs of steps go."""

    def write(self, outputs: Mapping[str, Array]) -> None:
        """Take the outputs of one step."""


class CsvSink:
    """Writes a line a step: every value of every output, under the name of its place."""

    def __init__(self, stream: IO[str], labels: Mapping[str, Sequence[str]]) -> None:
        self._writer = csv.writer(stream, lineterminator="\n")
        self._labels = labels
        self._columns = 0

    def write(self, outputs: Mapping[str, Array]) -> None:
        """Write a line, before the first the names of the columns."""
        cells: list[str] = []
        names: list[str] = []
        for name, array in outputs.items():
            labels = self._labels.get(name, ())
            for place, value in enumerate(array.ravel().tolist()):
                if not self._columns:
                    label = labels[place] if place < len(labels) else str(place)
                    names.append(name if array.size == 1 else f"{name}[{label}]")
                cells.append(_written(value, array.dtype))
        if not self._columns:
            self._columns = len(cells)
            self._writer.writerow(names)
        if len(cells) != self._columns:
            raise InputError(
                f"a step gave {len(cells)} values, the first {self._columns}: CSV can't hold "
                "outputs that grow; name the ones to keep with --output"
            )
        self._writer.writerow(cells)


def _written(value: Any, dtype: np.dtype[Any]) -> str:
    """Write a number with as many digits as bring it back to the bit."""
    if dtype.kind != "f":
        return str(value)
    return (
        np.format_float_positional(dtype.type(value), unique=True, trim="-")
        if (value == 0 or 1e-5 <= abs(value) < 1e16)
        else repr(float(value))
        if dtype == np.float64
        else np.format_float_scientific(dtype.type(value), unique=True, trim="-")
    )


class NumpySink:
    """Keeps the outputs of all steps, to be written as one array, or as several by name."""

    def __init__(self) -> None:
        self._steps: list[Mapping[str, Array]] = []

    def write(self, outputs: Mapping[str, Array]) -> None:
        """Keep a step."""
        self._steps.append(outputs)

    def save(self, path: Path) -> None:
        """Write (steps, …) as `.npy`, or each output by its name as `.npz`.

        Raises:
            InputError: `.npy` is to hold several outputs, or sizes change from step to step.
        """
        names = list(self._steps[0]) if self._steps else []
        shapes = {name: {step[name].shape for step in self._steps} for name in names}
        growing = [name for name in names if len(shapes[name]) > 1]
        if growing:
            raise InputError(
                f"output {growing[0]!r} changes its size from step to step; "
                "name others with --output"
            )
        arrays = {name: np.stack([step[name] for step in self._steps]) for name in names}
        if path.suffix == ".npz":
            with path.open("wb") as stream:
                kept: dict[str, Any] = arrays
                np.savez(stream, **kept)
            return
        if len(arrays) != 1:
            raise InputError(
                f".npy holds one output, there are {', '.join(arrays) or 'none'}: "
                "name one with --output, or write .npz"
            )
        with path.open("wb") as stream:
            np.save(stream, next(iter(arrays.values())))


@contextmanager
def open_sink(path: Path | None, labels: Mapping[str, Sequence[str]]) -> Iterator[Sink]:
    """Give where outputs go: CSV on standard output, or a file that is whole or not there.

    Raises:
        InputError: the path ends in none of .csv, .npy, .npz.
    """
    if path is None:
        yield CsvSink(sys.stdout, labels)
        return
    if path.suffix not in (".csv", ".npy", ".npz"):
        raise InputError(f"--out ends in .csv, .npy or .npz, got {str(path)!r}")
    with atomic_path(path) as temporary:
        if path.suffix == ".csv":
            with temporary.open("w", encoding="utf-8", newline="") as stream:
                yield CsvSink(stream, labels)
            return
        sink = NumpySink()
        yield sink
        sink.save(temporary)
