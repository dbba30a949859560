"""Products with constant matrices in whole numbers.

Where a value's range is known, as a hidden state's, it has a fixed step. Of other inputs each row
(one step of one sequence) is divided by its largest value first: whatever its range, it is the
same in every batch and for every length, nothing is cut off, and no recording has to be looked at
before.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import onnx

from qibu.core.arrays import Array, Float32Array

from ..core.int8_cells import STEP, ZERO, add_product, quantise
from .compact_weights import SMALLEST
from .ranges import Embedded, bound, embedded, unmoved
from .rewriting import PartBuilder, Rewriting

SHARED = "int8."  # before the names of constants that all parts have in common
LEAST = np.array(1e-30, np.float32)  # a row of zeros is divided by it


class Whole(NamedTuple):
    """A value as uint8: 1..255 is -1..1 times the gain."""

    name: str
    gain: float


def whole_numbers(part: PartBuilder, rewriting: Rewriting, value: str, prefix: str) -> Whole | None:
    """Add a value of known range as uint8; None: its range isn't known."""
    source = embedded(rewriting, value)
    if source is not None:
        return _rows(part, source, prefix)
    limit = bound(rewriting, value)
    if not limit:  # nor has a step of 0 a meaning
        return None
    # rounded before it is moved: onnxruntime would do so itself, and give out a state as rounded
    value, moves = unmoved(rewriting, value)
    if limit == 1:
        name = quantise(part, value, f"{prefix}whole")
    else:
        step = part.constant(f"{prefix}step", np.float32(limit) * STEP)
        zero = part.constant("zero_point", np.array(ZERO, np.uint8))
        name = part.node("QuantizeLinear", [value, step, zero], f"{prefix}whole")
    return Whole(_moved(part, name, moves, prefix), limit)


def _rows(part: PartBuilder, source: Embedded, prefix: str) -> Whole:
    """Add rows of a table that is kept as uint8."""
    step = float(np.abs(source.rows).max()) / 127 or 1.0
    table = (np.rint(source.rows / step) + ZERO).astype(np.uint8)
    kept = part.constant(f"{source.table}_rows", table)
    name = part.node("Gather", [kept, source.numbers], f"{prefix}rows")
    return Whole(_moved(part, name, source.moves, prefix), 127 * step * source.factor)


def _moved(part: PartBuilder, name: str, moves: Sequence[onnx.NodeProto], prefix: str) -> str:
    """Move whole numbers as what they were made of was moved."""
    for number, move in enumerate(moves):
        copied = onnx.NodeProto()
        copied.CopyFrom(move)
        copied.input[0], copied.output[0] = name, f"{prefix}moved{number}"
        copied.name = name = copied.output[0]
        part.add(copied)
    return name


def add_matrix(
    part: PartBuilder,
    rewriting: Rewriting,
    x: str,
    weight: Float32Array,
    bias: Array | None,
    prefix: str,
    output: str,
) -> str:
    """Add x (…, in) times a weight (in, out) and a bias (out,).

    Args:
        part: gets the nodes.
        rewriting: knows the range of x.
        x: float32.
        weight: as trained.
        bias: as trained.
        prefix: of names.
        output: the result's name.
    """
    whole = whole_numbers(part, rewriting, x, f"{prefix}_x_")
    if whole is not None:
        gained = weight * np.float32(whole.gain)
        return add_product(part, whole.name, gained, bias, prefix, output)
    sizes = part.node("Abs", [x], f"{prefix}_x_sizes")
    largest = part.node("ReduceMax", [sizes, part.int64(-1)], f"{prefix}_x_largest", keepdims=1)
    unit = part.node("Max", [largest, part.constant("least", LEAST)], f"{prefix}_x_unit")
    share = part.node("Div", [x, unit], f"{prefix}_x_share")
    rows = quantise(part, share, f"{prefix}_x_whole")
    product = add_product(part, rows, weight, None, prefix, f"{prefix}_shares")
    if bias is None:
        return part.node("Mul", [product, unit], output)
    real = part.node("Mul", [product, unit], f"{prefix}_sized")
    return part.node("Add", [real, part.constant(f"{prefix}_bias", bias)], output)


def linear(rewriting: Rewriting, node: onnx.NodeProto) -> PartBuilder | None:
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
    add_matrix(part, rewriting, x, turned, offset, f"{rewriting.unused(name)}_out", out)
    return part
