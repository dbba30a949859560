"""The step graph of a poem network, its sampler inside."""

import onnx

from qibu_train.text.network import TextNetwork

from ..core.onnx_builder import FLOAT, INT64
from ..core.precision import PRECISIONS, Precision
from .sampler_graph import add_sampler


def build_poem_graph(network: TextNetwork, precision: Precision) -> onnx.ModelProto:
    """Build the step graph of a poem network."""
    kind = PRECISIONS[precision]
    graph, use = kind.builder("poem"), kind.arithmetic
    tokens = graph.input("tokens", INT64, ["batch", "time"])
    by_time = graph.node("Transpose", [tokens], "tokens_by_time", perm=[1, 0])
    weight = network.embedding.weight
    last = use.add_layers(
        graph, network, use.add_embedding(graph, weight, network.input_scale, by_time)
    )
    top = graph.node("Squeeze", [last, graph.int64(0)], "top")
    logits = use.add_linear(graph, top, "embedding", weight, network.bias)
    graph.output(logits, FLOAT, ["batch", network.embedding.num_embeddings])
    add_sampler(graph, logits, network.embedding.num_embeddings)
    return graph.model()
