"""Recurrent cells in 8 bits, node by node, of ONNX's standard operators alone.

A weight is quantised per output column, symmetrically. An activation has a fixed range, since a
hidden state is what a tanh leaves: so a product of whole numbers is the same in every batch, for
every length and on every machine. onnxruntime has its own 8-bit operator for the LSTM only, and
that one measures the range of whatever it is given, neighbours in the batch included.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qibu.core.arrays import Array, Float32Array

from ..core import reproducible_tanh
from .onnx_builder import FLOAT, GraphBuilder

# x86 without VNNI sums two products in 16 bits: 2 * 255 * 64 = 32,640 is the most that fits
WEIGHT_LIMIT = 64
ZERO = 128  # the unsigned number that stands for 0
STEP = np.array(1 / 127, np.float32)  # so that -1..1 is 1..255


def quantise_columns(weight: Float32Array) -> tuple[npt.NDArray[np.int8], Float32Array]:
    """Give a weight (in, out) as int8 of the same shape, and each column's step (out,) float32."""
    steps = np.abs(weight).max(0) / WEIGHT_LIMIT
    steps[steps == 0] = 1
    return np.rint(weight / steps).astype(np.int8), steps.astype(np.float32)


def quantise(graph: GraphBuilder, value: str, output: str) -> str:
    """Turn -1..1 into uint8."""
    return graph.node("QuantizeLinear", [value, graph.constant("step", STEP), _zero(graph)], output)


def add_product(
    graph: GraphBuilder,
    inputs: str,
    weight: Float32Array,
    bias: Array | None,
    name: str,
    output: str,
) -> str:
    """Add uint8 inputs (…, in) times a weight (in, out) plus a bias (out,), as float32."""
    quantised, steps = quantise_columns(weight)
    names = [inputs, graph.constant(f"{name}_weight", quantised), _zero(graph)]
    whole = graph.node("MatMulInteger", names, f"{name}_whole")
    real = graph.cast(whole, FLOAT, f"{name}_real")
    step = graph.constant(f"{name}_step", steps * STEP)
    if bias is None:
        return graph.node("Mul", [real, step], output)
    scaled = graph.node("Mul", [real, step], f"{name}_scaled")
    return graph.node("Add", [scaled, graph.constant(f"{name}_bias", bias)], output)


def _zero(graph: GraphBuilder) -> str:
    return graph.constant("zero_point", np.array(ZERO, np.uint8))


@dataclass(frozen=True)
class LayerWeights:
    """One layer's weights and biases, gates stacked along the first axis in torch's order."""

    w: Float32Array  # (gates * hidden, in), what reads the inputs
    r: Float32Array  # (gates * hidden, hidden), what reads the state
    w_bias: Float32Array
    r_bias: Float32Array

    @property
    def hidden(self) -> int:
        """The size of the state."""
        return int(self.r.shape[1])

    def gained(self, gain: float) -> "LayerWeights":
        """Give the weights for an input whose numbers count so many times as much."""
        return replace(self, w=self.w * np.float32(gain))


class Layer:
    """The weights of one layer, and where its nodes go."""

    def __init__(self, graph: GraphBuilder, prefix: str, weights: LayerWeights) -> None:
        self.graph, self.prefix, self.hidden = graph, prefix, weights.hidden
        self.w, self.r = weights.w.copy(), weights.r.copy()
        self.w_bias, self.r_bias = weights.w_bias.copy(), weights.r_bias.copy()

    def node(self, operator: str, inputs: list[str], output: str, **attributes: int) -> str:
        """Add a node of this layer."""
        return self.graph.node(operator, inputs, self.prefix + output, **attributes)

    def split(self, value: str, *names: str, sizes: tuple[int, ...]) -> list[str]:
        """Cut joined gates into parts of so many gates each."""
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
        return add_product(self.graph, inputs, weight.T, bias, name, f"{name}_sum")

    def ordered(self, values: Float32Array, order: tuple[int, ...]) -> Float32Array:
        """Give a weight or bias with its gates in a new order."""
        gates = [slice(gate * self.hidden, (gate + 1) * self.hidden) for gate in order]
        return np.concatenate([values[gate] for gate in gates])

    def read(self, x: str) -> str:
        """Multiply the input with its weight."""
        return self.product(x, self.w, self.w_bias, "w")

    def stacked(self, x: str, h: str, order: tuple[int, ...]) -> str:
        """Multiply the joined input and state with the stacked weights, gates in a new order."""
        weight = np.hstack([self.ordered(self.w, order), self.ordered(self.r, order)])
        bias = self.ordered(self.w_bias, order) + self.ordered(self.r_bias, order)
        joined = self.node("Concat", [x, quantise(self.graph, h, self.prefix + "h")], "xh", axis=2)
        return self.product(joined, weight, bias, "gates")


def _rnn(layer: Layer, x: str, states: list[str]) -> list[str]:
    return [layer.activate(layer.stacked(x, states[0], (0,)), (1,), None, "h_new")]


def _lstm(layer: Layer, x: str, states: list[str]) -> list[str]:
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


def _gru(layer: Layer, x: str, states: list[str]) -> list[str]:
    (h,) = states
    layer.halve(0, 1)
    x_sums = layer.read(x)
    h_sums = layer.product(quantise(layer.graph, h, layer.prefix + "h"), layer.r, layer.r_bias, "r")
    x_rz, x_n = layer.split(x_sums, "x_rz", "x_n", sizes=(2, 1))  # torch: r z n
    h_rz, h_n = layer.split(h_sums, "h_rz", "h_n", sizes=(2, 1))
    rz_sum = layer.node("Add", [x_rz, h_rz], "rz_sum")
    gates = layer.activate(rz_sum, (0.5, 0.5), (0.5, 0.5), "rz")
    r, z = layer.split(gates, "r", "z", sizes=(1, 1))
    n_sum = layer.node("Add", [x_n, layer.node("Mul", [r, h_n], "reset")], "n_sum")
    n = layer.activate(n_sum, (1,), None, "n")
    difference = layer.node("Sub", [h, n], "difference")  # z h + (1 - z) n = n + z (h - n)
    return [layer.node("Add", [n, layer.node("Mul", [z, difference], "share")], "h_new")]


CELLS: Mapping[str, Callable[[Layer, str, list[str]], list[str]]] = {
    "rnn": _rnn,
    "gru": _gru,
    "lstm": _lstm,
}
