"""The graphs of both tasks, built from trained weights with ONNX's own recurrent operators."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from torch import Tensor

from qibu.arrays import Float32Array
from qibu_train.networks import DigitNetwork, PoemNetwork, RecurrentNetwork

from .builder import FLOAT, INT64, GraphBuilder
from .sampler import add_sampler


@dataclass(frozen=True)
class OperatorKind:
    """How an ONNX operator wants a cell's weights."""

    name: str
    gate_order: tuple[int, ...]  # which of torch's gates stands where


OPERATORS: Mapping[str, OperatorKind] = {
    "rnn": OperatorKind("RNN", (0,)),
    "gru": OperatorKind("GRU", (1, 0, 2)),  # torch: r z n; ONNX: z r h
    "lstm": OperatorKind("LSTM", (0, 3, 1, 2)),  # torch: i f g o; ONNX: i o f c
    "bilstm": OperatorKind("LSTM", (0, 3, 1, 2)),
}


def _array(tensor: Tensor) -> Float32Array:
    return tensor.detach().cpu().float().numpy()


def _gates(array: Float32Array, operator: OperatorKind) -> Float32Array:
    """Reorder the gates, which are stacked along the first axis."""
    parts = np.split(array, len(operator.gate_order))
    return np.concatenate([parts[gate] for gate in operator.gate_order])


def _add_layers(graph: GraphBuilder, network: RecurrentNetwork, sequence: str) -> str:
    """Add the recurrent layers and their states.

    Args:
        graph: gets the nodes.
        network: gives the weights.
        sequence: (time, batch, input), as the operators want it.

    Returns:
        The last state of the top layer, (directions, batch, hidden).
    """
    kind, operator = network.kind, OPERATORS[network.cell]
    layers, hidden = network.num_layers, network.hidden_size
    initial = {name: _split_state(graph, network, name) for name in kind.states}
    last: dict[str, list[str]] = {name: [] for name in kind.states}
    for layer in range(layers):
        suffixes = [f"_l{layer}", f"_l{layer}_reverse"][: kind.directions]
        weights = []
        for letter, names in (
            ("W", ["weight_ih"]),
            ("R", ["weight_hh"]),
            ("B", ["bias_ih", "bias_hh"]),
        ):
            stacked = [
                np.concatenate(
                    [_gates(_array(getattr(network.rnn, name + s)), operator) for name in names]
                )
                for s in suffixes
            ]
            weights.append(graph.constant(f"{letter}{layer}", np.stack(stacked)))
        outputs = [f"sequence{layer}", *(f"{name}{layer}_out" for name in kind.states)]
        attributes = {"linear_before_reset": 1} if operator.name == "GRU" else {}
        graph.nodes(
            operator.name,
            [sequence, *weights, "", *(initial[name][layer] for name in kind.states)],
            outputs,
            hidden_size=hidden,
            direction="bidirectional" if kind.bidirectional else "forward",
            **attributes,
        )
        for name, output in zip(kind.states, outputs[1:], strict=True):
            last[name].append(output)
        if layer + 1 < layers:
            sequence = _join_directions(graph, network, outputs[0], layer)
    if not kind.bidirectional:
        for name in kind.states:
            graph.node("Concat", last[name], f"{name}_out", axis=0)
            graph.output(f"{name}_out", FLOAT, [layers, "batch", hidden])
    return last["h"][-1]


def _split_state(graph: GraphBuilder, network: RecurrentNetwork, name: str) -> list[str]:
    """Give each layer's part of a state input; a bidirectional network has none."""
    layers = network.num_layers
    if network.kind.bidirectional:
        return [""] * layers
    state = graph.input(f"{name}_in", FLOAT, [layers, "batch", network.hidden_size])
    if layers == 1:
        return [state]
    parts = [f"{name}{layer}_in" for layer in range(layers)]
    graph.nodes("Split", [state, graph.int64(*[1] * layers)], parts, axis=0)
    return parts


def _join_directions(
    graph: GraphBuilder, network: RecurrentNetwork, outputs: str, layer: int
) -> str:
    """Turn (time, directions, batch, hidden) into (time, batch, directions * hidden)."""
    if network.kind.directions == 1:
        return graph.node("Squeeze", [outputs, graph.int64(1)], f"features{layer}")
    moved = graph.node("Transpose", [outputs], f"moved{layer}", perm=[0, 2, 1, 3])
    return graph.node("Reshape", [moved, graph.int64(0, 0, -1)], f"features{layer}")


def build_poem_graph(network: PoemNetwork) -> onnx.ModelProto:
    """Build the step graph of a poem network, its sampler inside."""
    graph = GraphBuilder("poem")
    tokens = graph.input("tokens", INT64, ["batch", "time"])
    vocabulary_size = network.embedding.num_embeddings
    embedding = graph.constant("embedding", _array(network.embedding.weight))
    by_time = graph.node("Transpose", [tokens], "tokens_by_time", perm=[1, 0])
    sequence = graph.node("Gather", [embedding, by_time], "embedded")
    top = graph.node("Squeeze", [_add_layers(graph, network, sequence), graph.int64(0)], "top")
    bias = graph.constant("output_bias", _array(network.bias))
    logits = graph.node("Gemm", [top, embedding, bias], "logits", transB=1)
    graph.output(logits, FLOAT, ["batch", vocabulary_size])
    add_sampler(graph, logits, vocabulary_size)
    return graph.model()


def build_digit_graph(network: DigitNetwork) -> onnx.ModelProto:
    """Build the graph of a digit network: a step graph, or whole-sequence if bidirectional."""
    graph = GraphBuilder("digits")
    rows = graph.input("rows", FLOAT, ["batch", "time", network.rnn.input_size])
    sequence = graph.node("Transpose", [rows], "rows_by_time", perm=[1, 0, 2])
    last = _add_layers(graph, network, sequence)  # (directions, batch, hidden)
    moved = graph.node("Transpose", [last], "last_by_batch", perm=[1, 0, 2])
    top = graph.node("Reshape", [moved, graph.int64(0, -1)], "top")
    weight = graph.constant("head_weight", _array(network.head.weight))
    bias = graph.constant("head_bias", _array(network.head.bias))
    logits = graph.node("Gemm", [top, weight, bias], "logits", transB=1)
    graph.node("Softmax", [logits], "probabilities", axis=1)
    graph.output("probabilities", FLOAT, ["batch", 10])
    return graph.model()
