"""The graphs of both tasks, built from trained weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import onnx
from torch import Tensor

from qibu_train.core.recurrent import RecurrentNetwork
from qibu_train.digits.network import DigitNetwork
from qibu_train.poems.network import PoemNetwork

from ..poems.sampler_graph import add_sampler
from . import recurrent_float32, recurrent_int8
from .onnx_builder import FLOAT, INT64, CompactBuilder, GraphBuilder


class Arithmetic(Protocol):
    """How a graph multiplies: a module with these three functions."""

    def add_sequence(self, graph: GraphBuilder, network: RecurrentNetwork, by_time: str) -> str:
        """Add what the first layer reads."""

    def add_layers(self, graph: GraphBuilder, network: RecurrentNetwork, sequence: str) -> str:
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


def build_poem_graph(network: PoemNetwork, precision: Precision) -> onnx.ModelProto:
    """Build the step graph of a poem network, its sampler inside."""
    kind = PRECISIONS[precision]
    graph, use = kind.builder("poem"), kind.arithmetic
    tokens = graph.input("tokens", INT64, ["batch", "time"])
    vocabulary_size = network.embedding.num_embeddings
    by_time = graph.node("Transpose", [tokens], "tokens_by_time", perm=[1, 0])
    last = use.add_layers(graph, network, use.add_sequence(graph, network, by_time))
    top = graph.node("Squeeze", [last, graph.int64(0)], "top")
    logits = use.add_linear(graph, top, "embedding", network.embedding.weight, network.bias)
    graph.output(logits, FLOAT, ["batch", vocabulary_size])
    add_sampler(graph, logits, vocabulary_size)
    return graph.model()


def build_digit_graph(network: DigitNetwork, precision: Precision) -> onnx.ModelProto:
    """Build the graph of a digit network: a step graph, or whole-sequence if bidirectional."""
    kind = PRECISIONS[precision]
    graph, use = kind.builder("digits"), kind.arithmetic
    rows = graph.input("rows", FLOAT, ["batch", "time", network.rnn.input_size])
    by_time = graph.node("Transpose", [rows], "rows_by_time", perm=[1, 0, 2])
    last = use.add_layers(graph, network, use.add_sequence(graph, network, by_time))
    moved = graph.node("Transpose", [last], "last_by_batch", perm=[1, 0, 2])
    top = graph.node("Reshape", [moved, graph.int64(0, -1)], "top")
    logits = use.add_linear(graph, top, "head_weight", network.head.weight, network.head.bias)
    graph.node("Softmax", [logits], "probabilities", axis=1)
    graph.output("probabilities", FLOAT, ["batch", 10])
    return graph.model()
