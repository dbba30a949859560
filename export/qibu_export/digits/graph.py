"""The graph of a network that reads pictures; whole-sequence if it reads both ways."""

import onnx

from qibu_train.pictures.network import PictureNetwork

from ..core.onnx_builder import FLOAT
from ..core.precision import PRECISIONS, Precision


def build_picture_graph(network: PictureNetwork, precision: Precision) -> onnx.ModelProto:
    """Build the graph of a network that reads pictures."""
    kind = PRECISIONS[precision]
    graph, use = kind.builder("digits"), kind.arithmetic
    rows = graph.input("rows", FLOAT, ["batch", "time", network.rnn.input_size])
    by_time = graph.node("Transpose", [rows], "rows_by_time", perm=[1, 0, 2])
    last = use.add_layers(graph, network, use.add_values(graph, by_time))
    moved = graph.node("Transpose", [last], "last_by_batch", perm=[1, 0, 2])
    top = graph.node("Reshape", [moved, graph.int64(0, -1)], "top")
    logits = use.add_linear(graph, top, "head_weight", network.head.weight, network.head.bias)
    graph.node("Softmax", [logits], "probabilities", axis=1)
    graph.output("probabilities", FLOAT, ["batch", network.head.out_features])
    return graph.model()
