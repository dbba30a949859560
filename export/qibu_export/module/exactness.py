"""Which values of a graph have the same bits on every machine and however a sequence is cut."""

from collections.abc import Mapping

import onnx

from .rewriting import SHAPING

# whole numbers, and those of which IEEE 754 says how they are rounded; sums over an axis are none,
# for each machine sums in an order of its own
EXACT = {
    *SHAPING,
    *("Shape", "Size", "Constant", "ConstantOfShape", "Range", "Pad", "Where", "Cast"),
    *("Add", "Sub", "Mul", "Div", "Sqrt", "Abs", "Neg", "Sign", "Relu", "LeakyRelu", "Clip"),
    *("Max", "Min", "ReduceMax", "ReduceMin", "Round", "Floor", "Ceil"),
    *("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Not", "And", "Or"),
    *("QuantizeLinear", "MatMulInteger"),
}


def inexact_values(graph: onnx.GraphProto, states: Mapping[str, str]) -> set[str]:
    """Give the values whose last digits another machine computes otherwise.

    Args:
        graph: nodes in the order in which they run.
        states: output by input; one that comes out inexact goes in so.
    """
    inexact: set[str] = set()
    while True:
        for node in graph.node:
            if not _exact(node) or inexact.intersection(node.input):
                inexact.update(name for name in node.output if name)
        carried = {name for name, out in states.items() if out in inexact} - inexact
        if not carried:
            return inexact
        inexact |= carried


def rounds_inexact(graph: onnx.GraphProto, inexact: set[str]) -> bool:
    """Say whether such a value is rounded to 8 bits, where a last digit may decide a whole step."""
    return any(node.op_type == "QuantizeLinear" and node.input[0] in inexact for node in graph.node)


def _exact(node: onnx.NodeProto) -> bool:
    if node.op_type == "Scan":
        return all(_exact(inner) for a in node.attribute if a.HasField("g") for inner in a.g.node)
    return node.op_type in EXACT
