"""How a graph multiplies: in float32, in 8 bits, or in float32 with weights kept in 8 bits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from torch import Tensor

from qibu_train.core.recurrent import RecurrentNetwork

from ..core import recurrent_float32, recurrent_int8
from .onnx_builder import CompactBuilder, GraphBuilder, Sequence


class Arithmetic(Protocol):
    """How a graph multiplies: a module with these functions."""

    def add_values(self, graph: GraphBuilder, by_time: str) -> Sequence:
        """Add what the first layer reads where the inputs are numbers of -1..1."""

    def add_embedding(
        self, graph: GraphBuilder, weight: Tensor, scale: float, by_time: str
    ) -> Sequence:
        """Add what the first layer reads where the inputs are tokens."""

    def add_layers(self, graph: GraphBuilder, network: RecurrentNetwork, sequence: Sequence) -> str:
        """Add the recurrent layers and their states; give the last state of the top layer."""

    def add_linear(
        self, graph: GraphBuilder, inputs: str, name: str, weight: Tensor, bias: Tensor
    ) -> str:
        """Add `logits`."""


@dataclass(frozen=True)
class PrecisionKind:
    """What makes a file of one precision."""

    arithmetic: Arithmetic
    builder: type[GraphBuilder]
    quantization: str | None  # what the spec says


Precision = Literal["float32", "int8", "int8-weights"]
PRECISIONS: Mapping[Precision, PrecisionKind] = {
    "float32": PrecisionKind(recurrent_float32, GraphBuilder, None),
    "int8": PrecisionKind(recurrent_int8, GraphBuilder, "int8"),
    "int8-weights": PrecisionKind(recurrent_float32, CompactBuilder, "int8 weights"),
}
