"""States as bytes and as files. Neither runs code, and nothing is allocated beyond what is there.

Bytes: `QSTA`, a version (1), the model's SHA-256 (32 bytes), the number of arrays; for each the
names in and out (a length and UTF-8), numpy's type (a length and ASCII), the batch axis (255:
none), the rank, and of each axis its size (4 bytes) and whether it is free (1); then the values,
row after row; at last the first 8 bytes of the SHA-256 of all before. Numbers are little-endian.
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import numpy as np

from .arrays import Array
from .errors import InputError
from .port import StatePair

MAGIC, VERSION = b"QSTA", 1
CHECKSUM = 8
NO_BATCH = 255
_HEADER = "__qibu__"
Parts = tuple[dict[str, Array], tuple[StatePair, ...], str]
# what numpy, json and zipfile raise on a file that is something else, or cut off
_BROKEN = (
    KeyError,
    TypeError,
    ValueError,
    OSError,
    EOFError,
    AttributeError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    BadZipFile,
)


def encode(arrays: Mapping[str, Array], pairs: Sequence[StatePair], model: str) -> bytes:
    """Give a state's bytes.

    Raises:
        InputError: an array holds texts, or the model has no digest.
    """
    head, values = bytearray(), bytearray()
    head += MAGIC + bytes([VERSION])
    try:
        head += bytes.fromhex(model)
    except ValueError as error:
        raise InputError(f"the model of a state must be a SHA-256, got {model!r}") from error
    head += struct.pack("<H", len(pairs))
    for pair in pairs:
        array = arrays[pair.input]
        if array.dtype == object:
            raise InputError(f"state {pair.input!r} holds texts, which can't be kept")
        for text in (pair.input, pair.output, array.dtype.name):
            encoded = text.encode()
            head += struct.pack("<H", len(encoded)) + encoded
        head += bytes([NO_BATCH if pair.batch_axis is None else pair.batch_axis, array.ndim])
        for size, known in zip(array.shape, pair.shape, strict=True):
            head += struct.pack("<IB", size, known is None)
        values += np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    content = bytes(head + values)
    return content + hashlib.sha256(content).digest()[:CHECKSUM]


def decode(data: bytes) -> Parts:
    """Read what `encode` gave: arrays, pairs, the model's digest.

    Raises:
        InputError: the bytes are no state, of a newer version, cut short or altered.
    """
    data = bytes(data)
    if data[: len(MAGIC)] != MAGIC:
        raise InputError(f"a state's bytes begin with {MAGIC!r}, got {data[:4]!r}")
    if data[4:5] != bytes([VERSION]):
        raise InputError(
            f"the state has version {int.from_bytes(data[4:5], 'big')}, this Qibu reads {VERSION}: "
            "pip install --upgrade qibu"
        )
    content, checksum = data[:-CHECKSUM], data[-CHECKSUM:]
    if hashlib.sha256(content).digest()[:CHECKSUM] != checksum:
        raise InputError("the state's bytes are cut short or altered: their checksum is another")
    try:
        return _read(content)
    except (struct.error, ValueError, TypeError, IndexError, OverflowError) as error:
        raise InputError(f"the state's bytes contradict themselves: {error}") from error


def _read(content: bytes) -> Parts:
    position = len(MAGIC) + 1
    model, position = content[position : position + 32].hex(), position + 32

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal position
        values = struct.unpack_from(layout, content, position)
        position += struct.calcsize(layout)
        return values

    def text() -> str:
        nonlocal position
        (length,) = take("<H")
        position += length
        return content[position - length : position].decode()

    pairs, shapes = [], []
    (count,) = take("<H")
    for _ in range(count):
        into, out, dtype = text(), text(), text()
        axis, rank = take("<BB")
        sizes = [take("<IB") for _ in range(rank)]
        shapes.append(tuple(size for size, _ in sizes))
        shape = tuple(None if free else size for size, free in sizes)
        pairs.append(StatePair(into, out, shape, dtype, None if axis == NO_BATCH else axis))
    arrays = {}
    for pair, sizes_now in zip(pairs, shapes, strict=True):
        dtype_now = np.dtype(pair.dtype)
        if dtype_now.kind not in "fiub":
            raise ValueError(f"type {pair.dtype!r}")
        size = dtype_now.itemsize
        for length in sizes_now:
            size *= length
        if position + size > len(content):
            raise ValueError(f"{pair.input!r} wants {size} bytes")
        values = np.frombuffer(content[position : position + size], dtype_now.newbyteorder("<"))
        arrays[pair.input] = values.astype(dtype_now, copy=False).reshape(sizes_now)
        arrays[pair.input].flags.writeable = False
        position += size
    if position != len(content):
        raise ValueError(f"{len(content) - position} bytes are left over")
    return arrays, tuple(pairs), model


def write_npz(
    path: Path, arrays: Mapping[str, Array], pairs: Sequence[StatePair], model: str
) -> None:
    """Write a state as numpy's `.npz`.

    Raises:
        InputError: an array holds texts.
    """
    texts = [name for name, array in arrays.items() if array.dtype == object]
    if texts:
        raise InputError(f"state {texts[0]!r} holds texts, which can't be kept")
    fields = ("input", "output", "shape", "dtype", "batch_axis")
    header = {"model": model, "pairs": [{f: getattr(pair, f) for f in fields} for pair in pairs]}
    with path.open("wb") as stream:
        contents: dict[str, Any] = {_HEADER: np.array(json.dumps(header)), **arrays}
        np.savez(stream, **contents)


def read_npz(path: Path) -> Parts:
    """Read what `write_npz` wrote.

    Raises:
        InputError: the file is missing or isn't a saved state.
    """
    from tokenize import TokenError  # numpy parses an array's header as Python does

    try:
        # a stream of our own, since numpy leaves its open where the file is cut
        with path.open("rb") as stream:
            _want_stored(stream, path)
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as content:
                arrays = {name: _native(content[name]) for name in content.files}
        header = json.loads(str(arrays.pop(_HEADER)))
        pairs = tuple(_pair(values) for values in header["pairs"])
        model = header["model"]
        if not isinstance(model, str):
            raise ValueError(f"model must be a text, got {model!r}")
        return arrays, pairs, model
    except FileNotFoundError as error:
        raise InputError(f"no state file {str(path)!r}") from error
    except (*_BROKEN, TokenError) as error:
        raise InputError(str(error) or type(error).__name__) from error


def _native(array: Array) -> Array:
    """Give the numbers in this machine's order of bytes, whichever wrote them."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _want_stored(stream: Any, path: Path) -> None:
    """Refuse what would unpack to more than the file has: `savez` compresses nothing."""
    with ZipFile(stream) as archive:
        for part in archive.infolist():
            if part.compress_type != ZIP_STORED or part.file_size > path.stat().st_size:
                raise ValueError(f"{part.filename!r} is compressed; a saved state isn't")


def _pair(values: Mapping[str, Any]) -> StatePair:
    shape = tuple(values["shape"])
    if not all(size is None or isinstance(size, int) for size in shape):
        raise ValueError(f"shape must be whole numbers, got {values['shape']!r}")
    # files from before states could have any shape: the one free axis is the batch
    before = shape.index(None) if None in shape else None
    axis = values.get("batch_axis", before)
    if not (axis is None or (isinstance(axis, int) and 0 <= axis < len(shape))):
        raise ValueError(f"batch_axis must be an axis of {values['shape']}, got {axis!r}")
    names = values["input"], values["output"], values["dtype"]
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"names must be texts, got {names!r}")
    return StatePair(names[0], names[1], shape, names[2], axis)
