"""Layers and products in float32, with ONNX's own recurrent operators."""

import numpy as np
from torch import Tensor

from qibu.core.arrays import Float32Array
from qibu_train.core.recurrent import CellKind, RecurrentNetwork

from .onnx_builder import FLOAT, GraphBuilder, Sequence


def array_of(tensor: Tensor) -> Float32Array:
    """Give a weight as an array."""
    return tensor.detach().cpu().float().numpy()


def _gates(array: Float32Array, kind: CellKind) -> Float32Array:
    """Reorder the gates, which are stacked along the first axis, from torch's order to ONNX's."""
    parts = np.split(array, kind.gates)
    return np.concatenate([parts[gate] for gate in kind.onnx_gates])


def add_layers(graph: GraphBuilder, network: RecurrentNetwork, sequence: Sequence) -> str:
    """Add the recurrent layers and their states.

    Args:
        graph: gets the nodes.
        network: gives the weights.
        sequence: (time, batch, input), as the operators want it.

    Returns:
        The last state of the top layer, (directions, batch, hidden).
    """
    kind, layers, hidden = network.kind, network.num_layers, network.hidden_size
    inputs = sequence.name
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
                    [_gates(array_of(getattr(network.rnn, name + s)), kind) for name in names]
                )
                for s in suffixes
            ]
            weights.append(graph.constant(f"{letter}{layer}", np.stack(stacked)))
        outputs = [f"sequence{layer}", *(f"{name}{layer}_out" for name in kind.states)]
        attributes = {"linear_before_reset": 1} if kind.operator == "GRU" else {}
        graph.nodes(
            kind.operator,
            [inputs, *weights, "", *(initial[name][layer] for name in kind.states)],
            outputs,
            hidden_size=hidden,
            direction="bidirectional" if kind.bidirectional else "forward",
            **attributes,
        )
        for name, output in zip(kind.states, outputs[1:], strict=True):
            last[name].append(output)
        if layer + 1 < layers:
            inputs = _join_directions(graph, network, outputs[0], layer)
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


def add_values(graph: GraphBuilder, by_time: str) -> Sequence:
    """Give inputs (time, batch, input_size) as they are."""
    return Sequence(by_time)


def add_embedding(graph: GraphBuilder, weight: Tensor, scale: float, by_time: str) -> Sequence:
    """Add the embeddings of tokens (time, batch), times a scale."""
    embedded = graph.node(
        "Gather", [graph.constant("embedding", array_of(weight)), by_time], "embedded"
    )
    factor = graph.constant("input_scale", np.array(scale, np.float32))
    return Sequence(graph.node("Mul", [embedded, factor], "scaled_embedding"))


def add_linear(graph: GraphBuilder, inputs: str, name: str, weight: Tensor, bias: Tensor) -> str:
    """Add `logits` (batch, out): inputs (batch, in) times a weight (out, in), plus a bias (out,).

    A weight whose name is there already, as a poem network's embedding, is kept once.
    """
    constants = [
        graph.constant(name, array_of(weight)),
        graph.constant("output_bias", array_of(bias)),
    ]
    return graph.node("Gemm", [inputs, *constants], "logits", transB=1)
