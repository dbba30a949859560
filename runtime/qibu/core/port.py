"""The inputs and outputs of a graph, and the states that pass from one to the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .arrays import Array

Axis = int | str | None

# what onnxruntime calls an element type, and what numpy does
DTYPES: Mapping[str, str] = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int8)": "int8",
    "tensor(int16)": "int16",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(uint8)": "uint8",
    "tensor(uint16)": "uint16",
    "tensor(uint32)": "uint32",
    "tensor(uint64)": "uint64",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}
_UNSAID = -1
LARGEST = 2**31 - 1  # a size above stands for a free one in some exporters' files


@dataclass(frozen=True)
class Port:
    """A graph's input or output."""

    name: str
    type: str  # as onnxruntime calls it: "tensor(float)"
    axes: tuple[Axis, ...]  # a size; a free axis by its symbol, None without one

    @classmethod
    def of(cls, argument: object) -> "Port":
        """Read what onnxruntime says of an argument."""
        axes = getattr(argument, "shape")  # noqa: B009 - onnxruntime has no types
        return cls(
            str(getattr(argument, "name")),  # noqa: B009
            str(getattr(argument, "type")),  # noqa: B009
            tuple(_axis(axis) for axis in axes or ()),
        )

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The sizes; None where one is free."""
        return tuple(axis if isinstance(axis, int) else None for axis in self.axes)

    @property
    def dtype(self) -> str | None:
        """The element type by numpy's name; None where numpy has none."""
        return DTYPES.get(self.type)

    def __str__(self) -> str:
        sizes = ", ".join("any" if axis is None else str(axis) for axis in self.axes)
        return f"{self.name} {self.type.removeprefix('tensor(').removesuffix(')')} [{sizes}]"


def _axis(axis: object) -> Axis:
    if isinstance(axis, str):
        return axis or None
    return axis if isinstance(axis, int) and 0 <= axis <= LARGEST else None


@dataclass(frozen=True)
class StatePair:
    """A state's way through the graph: in by one name, out by the other.

    Where `batch_axis` isn't said, the only free axis is the batch, if there is just one.
    """

    input: str
    output: str
    shape: tuple[int | None, ...]  # None is a free axis
    dtype: str = "float32"
    batch_axis: int | None = _UNSAID  # which axis is the batch; None: none
    # how a first state is made; a state that is under way bears neither
    start: tuple[int, ...] | int = field(default=0, compare=False)  # of other free axes, or of each
    initial: float | Array = field(default=0.0, compare=False)  # a number, or an array broadcast

    def __post_init__(self) -> None:
        if self.batch_axis == _UNSAID:
            free = [axis for axis, size in enumerate(self.shape) if size is None]
            object.__setattr__(self, "batch_axis", free[0] if len(free) == 1 else None)

    def shape_for(self, batch: int) -> tuple[int, ...]:
        """Give the shape before the first step for a number of sequences."""
        growing = self.growing_axes
        starts = (self.start,) * len(growing) if isinstance(self.start, int) else self.start
        lengths = dict(zip(growing, starts, strict=True))
        return tuple(
            size if size is not None else lengths.get(axis, batch)
            for axis, size in enumerate(self.shape)
        )

    def initial_array(self, batch: int) -> Array:
        """Give the value before the first step for a number of sequences."""
        array: Array = np.empty(self.shape_for(batch), self.dtype)
        array[...] = self.initial
        return array

    @property
    def growing_axes(self) -> tuple[int, ...]:
        """The free axes besides the batch."""
        free = (axis for axis, size in enumerate(self.shape) if size is None)
        return tuple(axis for axis in free if axis != self.batch_axis)

    @property
    def grows(self) -> bool:
        """Whether an axis besides the batch is free, so that its length may change in a step."""
        return bool(self.growing_axes)
