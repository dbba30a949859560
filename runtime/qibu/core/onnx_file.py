"""What an ONNX file says, read without running it, without onnx, and without any other file.

A file from a stranger is only walked through: nothing in it is loaded or computed, and weights in
other files are only named. The field
numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from mmap import mmap

from .errors import ModelFileError
from .port import DTYPES, LARGEST, Port

MAX_PARTS = 400_000  # fields of messages; the largest third-party files tried have under 50,000
MAX_DEPTH = 24  # of graphs in branches and loops
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# TensorProto.DataType's numbers of the types that onnxruntime names in `port.DTYPES`
_TYPES = dict(
    zip(
        (1, 11, 10, 3, 5, 6, 7, 2, 4, 12, 13, 9, 8),
        DTYPES,
        strict=True,
    )
)


@dataclass
class OnnxFile:
    """What was found in a file."""

    producer: str = ""
    opset: int = 0
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    operators: Counter[str] = field(default_factory=Counter)
    weights: int = 0  # numbers stored in the file
    weight_names: set[str] = field(default_factory=set)
    side_files: set[str] = field(default_factory=set)  # that hold weights, as the file names them


class _Reader:
    """Walks through protobuf messages and counts their parts."""

    def __init__(self) -> None:
        self.parts = 0

    def fields(self, message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
        """Give each field's number and value; numbers as they are, all else as bytes."""
        position = 0
        while position < len(message):
            self.parts += 1
            if self.parts > MAX_PARTS:
                raise ModelFileError(f"the file has more than {MAX_PARTS} parts")
            key, position = self._varint(message, position)
            kind = key & 7
            if kind == _VARINT:
                value, position = self._varint(message, position)
                yield key >> 3, value
                continue
            if kind == _BYTES:
                size, position = self._varint(message, position)
            elif kind in (_FIXED32, _FIXED64):
                size = 4 if kind == _FIXED32 else 8
            else:
                raise ModelFileError(f"it is no ONNX file: part of kind {kind}, wanted 0, 1, 2, 5")
            if position + size > len(message):
                raise ModelFileError("it is no ONNX file, or one that is cut short")
            yield key >> 3, message[position : position + size]
            position += size

    @staticmethod
    def _varint(message: memoryview, position: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            if position >= len(message):
                break
            byte = message[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & (2**64 - 1), position
        raise ModelFileError("it is no ONNX file, or one that is cut short")


def read_onnx(data: bytes | mmap) -> OnnxFile:
    """Read what a file says of itself; weights are passed over, so a mapped file is quick.

    Raises:
        ModelFileError: it is no ONNX file, is damaged, too deep or too finely cut.
    """
    found, reader = OnnxFile(), _Reader()
    graphs = 0
    for number, value in reader.fields(memoryview(data)):
        if number == 2:
            found.producer = _text(value)
        elif number == 7:
            graphs += 1
            _graph(reader, _message(value), found, 0)
        elif number == 8:
            _opset(reader, _message(value), found)
        elif number == 14:
            name, content = "", ""
            for part, text in reader.fields(_message(value)):
                name, content = (_text(text), content) if part == 1 else (name, _text(text))
            found.metadata[name] = content
        elif number == 25:  # a function of the model's own
            for part, node in reader.fields(_message(value)):
                if part == 7:
                    _node(reader, _message(node), found, 1)
    if graphs != 1 or not found.outputs:
        raise ModelFileError(f"it is no ONNX model: {graphs} graphs, {len(found.outputs)} outputs")
    found.inputs = [port for port in found.inputs if port.name not in found.weight_names]
    return found


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ModelFileError("it is no ONNX file: a number stands where a message should")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8", "replace")


def _opset(reader: _Reader, message: memoryview, found: OnnxFile) -> None:
    domain, version = "", 0
    for number, value in reader.fields(message):
        if number == 1:
            domain = _text(value)
        elif number == 2 and isinstance(value, int):
            version = value
    if domain in ("", "ai.onnx"):
        found.opset = version


def _graph(reader: _Reader, message: memoryview, found: OnnxFile, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ModelFileError(f"the file nests graphs more than {MAX_DEPTH} deep")
    for number, value in reader.fields(message):
        if number == 1:
            _node(reader, _message(value), found, depth)
        elif number == 5:
            _tensor(reader, _message(value), found)
        elif number == 15:
            _sparse(reader, _message(value), found)
        elif number in (11, 12) and depth == 0:
            ports = found.inputs if number == 11 else found.outputs
            ports.append(_port(reader, _message(value)))


def _node(reader: _Reader, message: memoryview, found: OnnxFile, depth: int) -> None:
    for number, value in reader.fields(message):
        if number == 4:
            found.operators[_text(value)] += 1
        elif number == 5:
            for part, content in reader.fields(_message(value)):
                if part in (5, 10):
                    _tensor(reader, _message(content), found)
                elif part in (6, 11):
                    _graph(reader, _message(content), found, depth + 1)
                elif part in (22, 23):
                    _sparse(reader, _message(content), found)


def _sparse(reader: _Reader, message: memoryview, found: OnnxFile) -> None:
    for number, value in reader.fields(message):
        if number in (1, 2):
            _tensor(reader, _message(value), found)


def _tensor(reader: _Reader, message: memoryview, found: OnnxFile) -> None:
    sizes: list[int] = []
    for number, value in reader.fields(message):
        if number == 1:
            sizes += _numbers(reader, value)
        elif number == 8:
            found.weight_names.add(_text(value))
        elif number == 13:
            entry = dict(reader.fields(_message(value)))
            if _text(entry.get(1, memoryview(b""))) == "location":
                found.side_files.add(_text(entry.get(2, memoryview(b""))))
    found.weights += prod(sizes)


def _numbers(reader: _Reader, value: int | memoryview) -> list[int]:
    if isinstance(value, int):
        return [value]
    numbers, position = [], 0
    while position < len(value):  # packed
        number, position = reader._varint(value, position)
        numbers.append(number)
    return numbers


def _port(reader: _Reader, message: memoryview) -> Port:
    name, kind = "", 0
    sizes: list[int | str | None] = []
    for number, value in reader.fields(message):
        if number == 1:
            name = _text(value)
        elif number == 2:
            for part, tensor in reader.fields(_message(value)):
                if part != 1:
                    continue  # sequences and maps have no sizes
                for inner, content in reader.fields(_message(tensor)):
                    if inner == 1 and isinstance(content, int):
                        kind = content
                    elif inner == 2:
                        sizes = [_size(reader, dim) for _, dim in reader.fields(_message(content))]
    return Port(name, _TYPES.get(kind, f"tensor(type {kind})"), tuple(sizes))


def _size(reader: _Reader, dimension: int | memoryview) -> int | str | None:
    for number, value in reader.fields(_message(dimension)):
        if number == 1 and isinstance(value, int):
            return value if value <= LARGEST else None
        if number == 2:
            return _text(value) or None
    return None
