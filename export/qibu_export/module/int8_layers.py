"""The recurrent layers and linear products of any graph in 8 bits.

A hidden state is within -1..1 and has a fixed step. Of other inputs each row (one step of one
sequence) is divided by its largest value first: whatever its range, it is the same in every batch
and for every length, nothing is cut off, and no recording has to be looked at before.
"""

import numpy as np
import onnx
import torch

from qibu.core.arrays import Array, Float32Array
from qibu.core.errors import InputError

from ..core.int8_cells import CELLS, Layer, LayerWeights, add_product, quantise
from ..core.onnx_builder import FLOAT
from .compact_weights import SMALLEST, compact_weights
from .operators import reorder_gates
from .ranges import MODES, carried, settings_of, within_one
from .rewriting import PartBuilder, Rewriting

SHARED = "int8."  # before the names of constants that all parts have in common
LEAST = np.array(1e-30, np.float32)  # a row of zeros is divided by it


def to_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give the graph with integer products where it can have them.

    Those are GRUs, LSTMs and vanilla layers by tanh that read forwards from a state that is carried
    as it is, and products with constant matrices. What is left has its weights in 8 bits.

    Raises:
        InputError: there is none of those.
    """
    rewriting = Rewriting(model)
    parts: list[onnx.NodeProto | PartBuilder] = []
    for node in rewriting.graph.node:
        part = _recurrent(rewriting, node) or _linear(rewriting, node)
        parts.append(part or node)
    if all(isinstance(part, onnx.NodeProto) for part in parts):
        raise InputError(
            "int8 has nothing to multiply in whole numbers: no nn.GRU, nn.LSTM or nn.RNN by tanh "
            f"that reads forwards, no linear layer of {SMALLEST} weights and more; "
            "precision='int8-weights' keeps all weights in 8 bits"
        )
    rewriting.use(parts)
    rewriting.drop()
    return compact_weights(rewriting.model)


def _recurrent(rewriting: Rewriting, node: onnx.NodeProto) -> PartBuilder | None:
    """Give a layer as a `Scan` over time, if it can be one."""
    settings = settings_of(node)
    if settings is None or "direction" in settings:
        return None
    x, w, r, b, lengths, *first = [*node.input, *[""] * (7 - len(node.input))][:7]
    constants = rewriting.constants
    if lengths or any(name and name not in constants for name in (w, r, b)):
        return None
    if node.op_type == "GRU" and settings.get("linear_before_reset") != 1:
        return None
    if first[0] and not carried(rewriting, first[0]):
        return None
    weights = _weights(node.op_type, constants[w], constants[r], constants.get(b))
    prefix = f"{next(name for name in node.output if name)}_"
    names = ("h", "c") if node.op_type == "LSTM" else ("h",)
    rows, size = f"{prefix}rows", weights.hidden
    body = PartBuilder(prefix)
    states = [body.input(f"{prefix}{name}_before", FLOAT, [1, rows, size]) for name in names]
    sums = body.input(f"{prefix}sums", FLOAT, [rows, len(weights.w)])
    cell = _InputOutside(body, prefix, weights)
    row = body.node("Unsqueeze", [sums, body.int64(0)], f"{prefix}row")
    after = CELLS[node.op_type.lower()](cell, row, states)
    for value in [*after, body.node("Identity", after[:1], f"{prefix}each")]:
        body.output(value, FLOAT, [1, rows, size])

    part = PartBuilder(SHARED)
    outside = _product(part, rewriting, x, cell.weight.T, cell.bias, prefix)
    begin = [
        given or _zeros(part, outside, size, f"{prefix}{name}_first")
        for name, given in zip(names, first, strict=False)
    ]
    last = [*node.output[1:], *[""] * len(names)][: len(names)]
    y = node.output[0] or f"{prefix}y"
    ends = [end or f"{prefix}{name}_end" for end, name in zip(last, names, strict=True)]
    part.nodes("Scan", [*begin, outside], [*ends, y], body=body.graph(), num_scan_inputs=1)
    return part


def _linear(rewriting: Rewriting, node: onnx.NodeProto) -> PartBuilder | None:
    """Give a product with a constant matrix in whole numbers, if it is one."""
    if node.op_type not in ("MatMul", "Gemm"):
        return None
    settings = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    plain = {"transA": 0, "alpha": 1.0, "beta": 1.0}
    if any(settings.get(name, value) != value for name, value in plain.items()):
        return None
    x, name, *bias = node.input
    weight = rewriting.constants.get(name)
    offset = rewriting.constants.get(bias[0]) if bias else None
    if weight is None or weight.ndim != 2 or weight.dtype != np.float32 or weight.size < SMALLEST:
        return None
    if x in rewriting.constants or (bias and (offset is None or offset.ndim != 1)):
        return None
    part = PartBuilder(SHARED)
    (out,) = node.output
    turned = weight.T if settings.get("transB") else weight
    _product(part, rewriting, x, turned, offset, f"{out}_", out)
    return part


def _product(
    part: PartBuilder,
    rewriting: Rewriting,
    x: str,
    weight: Float32Array,
    bias: Array | None,
    prefix: str,
    output: str = "",
) -> str:
    """Multiply (…, in) with a weight (in, out), each row by its own step or all by that of 1."""
    output = output or f"{prefix}product"
    if within_one(rewriting, x):
        whole = quantise(part, x, f"{prefix}x_whole")
        return add_product(part, whole, weight, bias, f"{prefix}w", output)
    sizes = part.node("Abs", [x], f"{prefix}x_sizes")
    axes = part.int64(-1)
    largest = part.node("ReduceMax", [sizes, axes], f"{prefix}x_largest", keepdims=1)
    unit = part.node("Max", [largest, part.constant("least", LEAST)], f"{prefix}x_unit")
    share = part.node("Div", [x, unit], f"{prefix}x_share")
    whole = quantise(part, share, f"{prefix}x_whole")
    product = add_product(part, whole, weight, None, f"{prefix}w", f"{prefix}shares")
    if bias is None:
        return part.node("Mul", [product, unit], output)
    real = part.node("Mul", [product, unit], f"{prefix}sized")
    return part.node("Add", [real, part.constant(f"{prefix}w_bias", bias)], output)


def _zeros(part: PartBuilder, sums: str, size: int, output: str) -> str:
    """Give a first state of zeros (1, batch, size) for sums (time, batch, …)."""
    batch = part.node("Shape", [sums], f"{output}_batch", start=1, end=2)
    shape = part.node("Concat", [part.int64(1), batch, part.int64(size)], f"{output}_s", axis=0)
    return part.node("ConstantOfShape", [shape], output)


def _weights(operator: str, w: Array, r: Array, b: Array | None) -> LayerWeights:
    """Give ONNX's weights of one direction with torch's order of gates."""
    halves = np.zeros((2, w.shape[1]), np.float32) if b is None else np.split(b[0], 2)
    turned = [
        reorder_gates(MODES[operator], torch.from_numpy(part.copy()), back=True).numpy()
        for part in (w[0], r[0], *halves)
    ]
    return LayerWeights(*turned)


class _InputOutside(Layer):
    """A layer that is given the input's sums: those of all steps are computed at once."""

    weight: Float32Array  # (gates * hidden, in), of those sums
    bias: Float32Array

    def read(self, x: str) -> str:
        """Take the sums."""
        self.weight, self.bias = self.w, self.w_bias
        return x

    def stacked(self, x: str, h: str, order: tuple[int, ...]) -> str:
        """Add the state's sums to those of the input."""
        self.weight, self.bias = self.ordered(self.w, order), self.ordered(self.w_bias, order)
        whole = quantise(self.graph, h, f"{self.prefix}h_whole")
        own = self.product(
            whole, self.ordered(self.r, order), self.ordered(self.r_bias, order), "r"
        )
        return self.node("Add", [x, own], "gates_sum")
