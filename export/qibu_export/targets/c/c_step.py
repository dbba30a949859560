"""One step as C sees it: a graph of fixed sizes, its states, and what else goes in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import onnx
from onnx import helper

from qibu.core.arrays import Array
from qibu.core.errors import ModelFileError
from qibu.core.port import StatePair
from qibu.core.schema import read_schema
from qibu.core.stepper import Stepper

from .names import identifiers

SCHEMA = read_schema("qibu.core", "model_file.schema.json")
FORMAT_VERSION = SCHEMA["properties"]["format_version"]["const"]


def _c_type(dtype: str) -> str | None:
    named = {"float32": "float", "float64": "double", "float16": None, "bool": "bool"}
    return named.get(dtype, f"{dtype}_t")


# of the element types that a model file may have; None: C99 has none
C_TYPES = {dtype: _c_type(dtype) for dtype in SCHEMA["$defs"]["dtype"]["enum"]}


@dataclass(frozen=True)
class CPort:
    """An input or output of the generated function."""

    name: str  # in the graph
    identifier: str  # in C
    dtype: str
    shape: tuple[int, ...]

    @property
    def c_type(self) -> str:
        """The element type's name in C."""
        return str(C_TYPES[self.dtype])

    @property
    def count(self) -> int:
        """How many values it has."""
        return prod(self.shape)

    @property
    def sizes(self) -> str:
        """The sizes as C declares them; a single value is an array of one."""
        return "".join(f"[{size}]" for size in self.shape or (1,))

    @property
    def first(self) -> str:
        """The identifier's first value."""
        return f"{self.identifier}{'[0]' * len(self.shape or (1,))}"


@dataclass(frozen=True)
class CStep:
    """A step that has become a graph of fixed sizes.

    Attributes:
        stepper: the file that it was made of.
        model: the graph.
        source: what the file is called.
    """

    stepper: Stepper
    model: onnx.ModelProto
    source: str

    @property
    def states(self) -> Sequence[CPort]:
        """The members of the state, in the file's order."""
        batch = self.stepper.fixed_batch or 1
        names = identifiers(_field(pair) for pair in self.stepper.pairs)
        return [
            CPort(pair.input, names[_field(pair)], pair.dtype, pair.shape_for(batch))
            for pair in self.stepper.pairs
        ]

    @property
    def first_values(self) -> Sequence[Array]:
        """The states before the first step."""
        batch = self.stepper.fixed_batch or 1
        return [pair.initial_array(batch) for pair in self.stepper.pairs]

    @property
    def inputs(self) -> Sequence[CPort]:
        """The graph's inputs besides states."""
        carried = {pair.input for pair in self.stepper.pairs}
        return [port for port in self.graph_inputs if port.name not in carried]

    @property
    def outputs(self) -> Sequence[CPort]:
        """The graph's outputs besides states."""
        carried = {pair.output for pair in self.stepper.pairs}
        return [port for port in self.graph_outputs if port.name not in carried]

    @property
    def graph_inputs(self) -> Sequence[CPort]:
        """All inputs, in the order of the generated function."""
        return self._ports[: len(self.model.graph.input)]

    @property
    def graph_outputs(self) -> Sequence[CPort]:
        """All outputs, in the order of the generated function."""
        return self._ports[len(self.model.graph.input) :]

    @cached_property
    def _ports(self) -> Sequence[CPort]:
        graph = self.model.graph
        values = [*graph.input, *graph.output]
        names = identifiers(value.name for value in values)
        return [
            CPort(
                value.name,
                names[value.name],
                _dtype(value),
                tuple(size.dim_value for size in value.type.tensor_type.shape.dim),
            )
            for value in values
        ]


def _dtype(value: onnx.ValueInfoProto) -> str:
    kind = value.type.tensor_type.elem_type
    dtype = str(helper.tensor_dtype_to_np_dtype(kind)) if kind else "no tensor"
    if C_TYPES.get(dtype) is None:
        raise ModelFileError(
            f"no C can be made of {value.name!r}: its type {onnx.TensorProto.DataType.Name(kind)} "
            f"has none in C99; those that have are {', '.join(d for d, c in C_TYPES.items() if c)}"
        )
    return dtype


def _field(pair: StatePair) -> str:
    bare = pair.input.removesuffix("_in")
    return bare if f"{bare}_out" == pair.output else pair.input
