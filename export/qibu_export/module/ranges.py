"""What is known of the range of a graph's values without running it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import onnx

from qibu.core.arrays import Array, Float32Array

from .rewriting import Rewriting

MODES = {"RNN": "RNN_TANH", "GRU": "GRU", "LSTM": "LSTM"}  # ours, by ONNX's operator
WITHIN_ONE = ("Tanh", "Sigmoid", "Softmax")
# of one value, which stand one by one elsewhere and mean the same there
MOVING = ("Squeeze", "Unsqueeze", "Transpose", "Reshape", "Flatten", "Identity")


def settings_of(node: onnx.NodeProto) -> Mapping[str, object] | None:
    """Give what a layer was set to; None: it is none whose states are within -1..1."""
    if node.op_type not in MODES:
        return None
    found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if {"activations", "clip", "layout", "input_forget"} & set(found):
        return None
    return None if len(node.input) > 7 and node.input[7] else found


def bound(rewriting: Rewriting, value: str) -> float | None:
    """Give the largest size that a value's numbers can have; None: it isn't known."""
    limits = [_bound_of_source(rewriting, source) for source in rewriting.sources(value)]
    known = [limit for limit in limits if limit is not None]
    return max(known) if len(known) == len(limits) else None


def _bound_of_source(rewriting: Rewriting, source: str) -> float | None:
    if source in rewriting.bounded:
        return 1.0
    if source in rewriting.constants:
        numbers = rewriting.constants[source]
        known = numbers.dtype == np.float32 and numbers.size
        return float(np.abs(numbers).max()) if known else None
    node = rewriting.producers.get(source)
    if node is None:
        return None
    hidden = settings_of(node) is not None and source in node.output[:2]
    if hidden or node.op_type in WITHIN_ONE:
        return 1.0
    if node.op_type == "Clip":
        ends = [rewriting.constants.get(name) for name in node.input[1:]]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
            return max(abs(float(ends[0])), abs(float(ends[1])))
    if node.op_type == "Mul":
        limits = [bound(rewriting, name) for name in node.input]
        return None if limits[0] is None or limits[1] is None else limits[0] * limits[1]
    return None


class Embedded(NamedTuple):
    """A value that is rows of a constant table, moved and times a number."""

    table: str
    rows: Float32Array
    factor: float
    numbers: str  # which rows
    moves: list[onnx.NodeProto]  # from what is gathered to the value


def unmoved(rewriting: Rewriting, value: str) -> tuple[str, list[onnx.NodeProto]]:
    """Give what a value was before it was only moved, and the nodes that move it."""
    moves: list[onnx.NodeProto] = []
    node = rewriting.producers.get(value)
    while node is not None and node.op_type in MOVING:
        moves.insert(0, node)
        value = node.input[0]
        node = rewriting.producers.get(value)
    return value, moves


def embedded(rewriting: Rewriting, value: str) -> Embedded | None:
    """Say of which table a value is, if it is of one."""
    factor = 1.0
    value, moves = unmoved(rewriting, value)
    node = rewriting.producers.get(value)
    while node is not None and node.op_type == "Mul":
        scales = [name for name in node.input if _is_number(rewriting.constants.get(name))]
        others = [name for name in node.input if name not in scales]
        if len(others) != 1:
            return None
        factor *= float(rewriting.constants[scales[0]].item())
        value, before = unmoved(rewriting, others[0])
        moves = [*before, *moves]
        node = rewriting.producers.get(value)
    if node is None or node.op_type != "Gather":
        return None
    if any(attribute.name == "axis" and attribute.i for attribute in node.attribute):
        return None
    table, numbers = node.input
    rows = rewriting.constants.get(table)
    if rows is None or rows.dtype != np.float32 or rows.ndim != 2:
        return None
    return Embedded(table, rows, factor, numbers, moves)


def _is_number(value: Array | None) -> bool:
    return value is not None and value.size == 1


def carried(rewriting: Rewriting, value: str) -> bool:
    """Say whether a first state comes as another step left it, or is known to be within -1..1."""
    known = _given(rewriting)
    limits = (_bound_of_source(rewriting, s) for s in rewriting.sources(value) if s not in known)
    return all(limit is not None and limit <= 1 for limit in limits)


def given(rewriting: Rewriting, value: str) -> bool:
    """Say whether a first state comes from outside the graph, or is constant."""
    return set(rewriting.sources(value)) <= _given(rewriting)


def _given(rewriting: Rewriting) -> set[str]:
    return {port.name for port in rewriting.graph.input} | set(rewriting.constants)


def projected(rewriting: Rewriting) -> set[str]:
    """Give the constants of layers whose state is a projection, in and out of it.

    They undo each other (see `layers`), which holds for the numbers that they are, not for those
    nearby.
    """
    found: set[str] = set()
    for node in rewriting.graph.node:
        if node.op_type not in MODES or len(node.input) < 6 or not node.input[5]:
            continue
        if not carried(rewriting, node.input[5]):
            makers: Iterator[onnx.NodeProto | None] = (
                rewriting.producers.get(s) for s in rewriting.sources(node.input[5])
            )
            readers = [n for n in rewriting.graph.node if node.output[1] in n.input]
            found.add(node.input[2])
            for other in [*makers, *readers]:
                found.update(other.input if other else ())
    return found
