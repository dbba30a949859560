"""Layers and products of our own networks in 8 bits; `int8_cells` has the cells."""

import numpy as np
from torch import Tensor

from qibu_train.core.recurrent import RecurrentNetwork

from .int8_cells import CELLS, ZERO, Layer, LayerWeights, add_product, quantise
from .onnx_builder import FLOAT, UINT8, GraphBuilder, Sequence
from .recurrent_float32 import array_of


def add_values(graph: GraphBuilder, by_time: str) -> Sequence:
    """Add inputs (time, batch, input_size) as uint8."""
    return Sequence(quantise(graph, by_time, "quantised_rows"))


def add_embedding(graph: GraphBuilder, weight: Tensor, scale: float, by_time: str) -> Sequence:
    """Add the embeddings of tokens (time, batch) as uint8; the scale goes into their meaning."""
    step = float(weight.detach().abs().max()) / 127
    table = np.rint(array_of(weight) / step) + ZERO
    names = [graph.constant("embedding", table.astype(np.uint8)), by_time]
    return Sequence(graph.node("Gather", names, "embedded"), 127 * step * scale)


def add_layers(graph: GraphBuilder, network: RecurrentNetwork, sequence: Sequence) -> str:
    """Add the recurrent layers as one `Scan` over time, and their states.

    Args:
        graph: gets the nodes.
        network: gives the weights; one that reads forwards only.
        sequence: (time, batch, input_size) uint8.

    Returns:
        The last hidden state of the top layer, (1, batch, hidden) float32.
    """
    layers, hidden, states = network.num_layers, network.hidden_size, network.kind.states
    shape: list[int | str] = [layers, "batch", hidden]
    body = GraphBuilder("step")
    before = {name: _split(body, body.input(name, FLOAT, shape), layers) for name in states}
    inputs = body.input("x", UINT8, ["batch", network.rnn.input_size])
    inputs = body.node("Unsqueeze", [inputs, body.int64(0)], "x0")  # (1, batch, input_size)
    after: dict[str, list[str]] = {name: [] for name in states}
    for layer in range(layers):
        new = CELLS[network.cell](
            Layer(body, f"l{layer}_", _weights(network, layer, sequence.gain)),
            inputs,
            [before[name][layer] for name in states],
        )
        for name, value in zip(states, new, strict=True):
            after[name].append(value)
        if layer + 1 < layers:
            inputs = quantise(body, new[0], f"x{layer + 1}")
    for name in states:
        body.node("Concat", after[name], f"{name}_new", axis=0)
        body.output(f"{name}_new", FLOAT, shape)
        graph.input(f"{name}_in", FLOAT, shape)
        graph.output(f"{name}_out", FLOAT, shape)
    graph.nodes(
        "Scan",
        [*(f"{name}_in" for name in states), sequence.name],
        [f"{name}_out" for name in states],
        body=body.graph(),
        num_scan_inputs=1,
    )
    top = [graph.int64(layers - 1), graph.int64(layers), graph.int64(0)]
    return graph.node("Slice", ["h_out", *top], "top_state")


def add_linear(graph: GraphBuilder, inputs: str, name: str, weight: Tensor, bias: Tensor) -> str:
    """Add `logits` (batch, out): hidden states (batch, in) times a weight (out, in), plus bias."""
    quantised = quantise(graph, inputs, "top_quantised")
    return add_product(
        graph, quantised, array_of(weight).T, array_of(bias), f"{name}_out", "logits"
    )


def _split(graph: GraphBuilder, state: str, layers: int) -> list[str]:
    parts = [f"{state}{layer}" for layer in range(layers)]
    if layers == 1:
        return [state]
    graph.nodes("Split", [state, graph.int64(*[1] * layers)], parts, axis=0)
    return parts


def _weights(network: RecurrentNetwork, layer: int, gain: float) -> LayerWeights:
    """Give a layer's weights; the first reads its inputs in steps of the hidden state's."""
    w, r, w_bias, r_bias = (
        array_of(getattr(network.rnn, f"{kind}_l{layer}"))
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return LayerWeights(w * np.float32(gain) if layer == 0 else w, r, w_bias, r_bias)
