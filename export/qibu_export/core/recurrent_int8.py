"""Layers and products in 8 bits, of ONNX's standard operators alone.

A weight is quantised per output column, symmetrically. An activation has a fixed range, since a
hidden state is what a tanh leaves: so a product of whole numbers is the same in every batch, for
every length and on every machine. onnxruntime has its own 8-bit operator for the LSTM only, and
that one measures the range of whatever it is given, neighbours in the batch included.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from torch import Tensor

from qibu.core.arrays import Array, Float32Array
from qibu_train.core.recurrent import RecurrentNetwork

from ..core import reproducible_tanh
from .onnx_builder import FLOAT, UINT8, GraphBuilder, Sequence
from .recurrent_float32 import array_of

# x86 without VNNI sums two products in 16 bits: 2 * 255 * 64 = 32,640 is the most that fits
WEIGHT_LIMIT = 64
ZERO = 128  # the unsigned number that stands for 0
STEP = np.array(1 / 127, np.float32)  # so that -1..1 is 1..255


def quantise_columns(weight: Float32Array) -> tuple[npt.NDArray[np.int8], Float32Array]:
    """Give a weight (in, out) as int8 of the same shape, and each column's step (out,) float32."""
    steps = np.abs(weight).max(0) / WEIGHT_LIMIT
    steps[steps == 0] = 1
    return np.rint(weight / steps).astype(np.int8), steps.astype(np.float32)


def add_values(graph: GraphBuilder, by_time: str) -> Sequence:
    """Add inputs (time, batch, input_size) as uint8."""
    return Sequence(_quantise(graph, by_time, "quantised_rows"))


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
        new = _CELLS[network.cell](
            _Layer(body, network, layer, sequence.gain if layer == 0 else 1.0),
            inputs,
            [before[name][layer] for name in states],
        )
        for name, value in zip(states, new, strict=True):
            after[name].append(value)
        if layer + 1 < layers:
            inputs = _quantise(body, new[0], f"x{layer + 1}")
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
    quantised = _quantise(graph, inputs, "top_quantised")
    return _add_product(
        graph, quantised, array_of(weight).T, array_of(bias), f"{name}_out", "logits"
    )


def _split(graph: GraphBuilder, state: str, layers: int) -> list[str]:
    parts = [f"{state}{layer}" for layer in range(layers)]
    if layers == 1:
        return [state]
    graph.nodes("Split", [state, graph.int64(*[1] * layers)], parts, axis=0)
    return parts


def _quantise(graph: GraphBuilder, value: str, output: str) -> str:
    """Turn -1..1 into uint8."""
    return graph.node("QuantizeLinear", [value, graph.constant("step", STEP), _zero(graph)], output)


def _zero(graph: GraphBuilder) -> str:
    return graph.constant("zero_point", np.array(ZERO, np.uint8))


def _add_product(
    graph: GraphBuilder, inputs: str, weight: Float32Array, bias: Array, name: str, output: str
) -> str:
    """Add uint8 inputs (…, in) times a weight (in, out) plus a bias (out,), as float32."""
    quantised, steps = quantise_columns(weight)
    names = [inputs, graph.constant(f"{name}_weight", quantised), _zero(graph)]
    whole = graph.node("MatMulInteger", names, f"{name}_whole")
    real = graph.cast(whole, FLOAT, f"{name}_real")
    scaled = graph.node(
        "Mul", [real, graph.constant(f"{name}_step", steps * STEP)], f"{name}_scaled"
    )
    return graph.node("Add", [scaled, graph.constant(f"{name}_bias", bias)], output)


class _Layer:
    """The weights of one layer, and where its nodes go."""

    def __init__(
        self, graph: GraphBuilder, network: RecurrentNetwork, layer: int, gain: float
    ) -> None:
        self.graph, self.prefix, self.hidden = graph, f"l{layer}_", network.hidden_size
        self.w, self.r, self.w_bias, self.r_bias = (
            array_of(getattr(network.rnn, f"{kind}_l{layer}")).copy()
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        self.w = self.w * np.float32(gain)  # as the inputs are read in steps of the hidden state's

    def node(self, operator: str, inputs: list[str], output: str, **attributes: int) -> str:
        return self.graph.node(operator, inputs, self.prefix + output, **attributes)

    def split(self, value: str, *names: str, sizes: tuple[int, ...]) -> list[str]:
        outputs = [self.prefix + name for name in names]
        counts = self.graph.int64(*(size * self.hidden for size in sizes))
        self.graph.nodes("Split", [value, counts], outputs, axis=2)
        return outputs

    def halve(self, *gates: int) -> None:
        """Give these gates half their sums, which is what a logistic function by tanh reads."""
        for values in (self.w, self.r, self.w_bias, self.r_bias):
            for gate in gates:
                values[gate * self.hidden : (gate + 1) * self.hidden] /= 2

    def by_gate(self, *values: float) -> Float32Array:
        """Give one value a gate, as long as the joined gates."""
        return np.repeat(np.array(values, np.float32), self.hidden)

    def activate(
        self, sums: str, factors: tuple[float, ...], offsets: tuple[float, ...] | None, output: str
    ) -> str:
        """Add tanh of sums, each gate times a factor and plus an offset."""
        factor = self.by_gate(*(factor * reproducible_tanh.SLOPE for factor in factors))
        offset = None if offsets is None else self.by_gate(*offsets)
        return reproducible_tanh.add_scaled(self.graph, sums, factor, offset, self.prefix + output)

    def product(self, inputs: str, weight: Float32Array, bias: Float32Array, name: str) -> str:
        """Multiply with a weight (out, in)."""
        name = self.prefix + name
        return _add_product(self.graph, inputs, weight.T, bias, name, f"{name}_sum")

    def stacked(self, x: str, h: str, order: tuple[int, ...]) -> str:
        """Multiply the joined input and state with the stacked weights, gates in a new order."""
        gates = [slice(gate * self.hidden, (gate + 1) * self.hidden) for gate in order]
        weight = np.concatenate([np.hstack([self.w[g], self.r[g]]) for g in gates])
        bias = np.concatenate([self.w_bias[g] + self.r_bias[g] for g in gates])
        joined = self.node("Concat", [x, _quantise(self.graph, h, self.prefix + "h")], "xh", axis=2)
        return self.product(joined, weight, bias, "gates")


def _rnn(layer: _Layer, x: str, states: list[str]) -> list[str]:
    return [layer.activate(layer.stacked(x, states[0], (0,)), (1,), None, "h_new")]


def _lstm(layer: _Layer, x: str, states: list[str]) -> list[str]:
    h, c = states
    layer.halve(0, 1, 3)
    sums = layer.stacked(x, h, (0, 1, 3, 2))  # torch: i f g o; here i f o g
    # o comes times SLOPE, which tanh(c) below then needs no more
    factors, offsets = (
        (0.5, 0.5, reproducible_tanh.SLOPE / 2, 1),
        (0.5, 0.5, reproducible_tanh.SLOPE / 2, 0),
    )
    gates = layer.activate(sums, factors, offsets, "ifog")
    i, f, o, g = layer.split(gates, "i", "f", "o", "g", sizes=(1, 1, 1, 1))
    kept, added = layer.node("Mul", [f, c], "kept"), layer.node("Mul", [i, g], "added")
    c_new = layer.node("Add", [kept, added], "c_new")
    c_tanh = reproducible_tanh.add_quotient(layer.graph, c_new, layer.prefix + "c_tanh")
    return [layer.node("Mul", [o, c_tanh], "h_new"), c_new]


def _gru(layer: _Layer, x: str, states: list[str]) -> list[str]:
    (h,) = states
    layer.halve(0, 1)
    x_sums = layer.product(x, layer.w, layer.w_bias, "w")
    h_sums = layer.product(
        _quantise(layer.graph, h, layer.prefix + "h"), layer.r, layer.r_bias, "r"
    )
    x_rz, x_n = layer.split(x_sums, "x_rz", "x_n", sizes=(2, 1))  # torch: r z n
    h_rz, h_n = layer.split(h_sums, "h_rz", "h_n", sizes=(2, 1))
    rz_sum = layer.node("Add", [x_rz, h_rz], "rz_sum")
    gates = layer.activate(rz_sum, (0.5, 0.5), (0.5, 0.5), "rz")
    r, z = layer.split(gates, "r", "z", sizes=(1, 1))
    n_sum = layer.node("Add", [x_n, layer.node("Mul", [r, h_n], "reset")], "n_sum")
    n = layer.activate(n_sum, (1,), None, "n")
    difference = layer.node("Sub", [h, n], "difference")  # z h + (1 - z) n = n + z (h - n)
    return [layer.node("Add", [n, layer.node("Mul", [z, difference], "share")], "h_new")]


_CELLS: Mapping[str, Callable[[_Layer, str, list[str]], list[str]]] = {
    "rnn": _rnn,
    "gru": _gru,
    "lstm": _lstm,
}
