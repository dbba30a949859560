"""RNN, GRU and LSTM as plain operators, for one step of one sequence.

The products then are of one row, for which `products` has a form, and the gates are loops over a
whole layer.
Equations and gate orders: https://onnx.ai/onnx/operators/onnx__GRU.html and its neighbours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from qibu.core.arrays import Array

GATES: Mapping[str, int] = {"RNN": 1, "GRU": 3, "LSTM": 4}
ACTIVATIONS: Mapping[str, list[str]] = {
    "RNN": ["Tanh"],
    "GRU": ["Sigmoid", "Tanh"],
    "LSTM": ["Sigmoid", "Tanh", "Tanh"],
}
PLAIN = {"Sigmoid", "Tanh", "Relu", "Softsign", "Softplus"}  # operators of the same name
IGNORED = {"direction", "hidden_size", "layout", "linear_before_reset", "activations"}


@dataclass
class _Cell:
    """What writes the nodes of one cell."""

    name: str
    constants: dict[str, onnx.TensorProto]
    nodes: list[onnx.NodeProto] = field(default_factory=list)

    def constant(self, suffix: str, value: Array) -> str:
        name = f"{self.name}_{suffix}"
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def add(self, kind: str, inputs: list[str], suffix: str, **attributes: Any) -> str:
        name = f"{self.name}_{suffix}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def reshape(self, value: str, sizes: list[int], made: str) -> str:
        shape = self.constant(f"{made}_sizes", np.array(sizes, np.int64))
        return self.add("Reshape", [value, shape], made)

    def split(self, value: str, sizes: list[int], *parts: str) -> list[str]:
        names = [f"{self.name}_{part}" for part in parts]
        given = self.constant(f"{parts[0]}_sizes", np.array(sizes, np.int64))
        self.nodes.append(helper.make_node("Split", [value, given], names, names[0], axis=1))
        return names


def plain_cell(
    node: onnx.NodeProto,
    constants: dict[str, onnx.TensorProto],
    shapes: Mapping[str, list[int]],
) -> Iterator[onnx.NodeProto]:
    """Give the plain operators of a cell that steps one sequence once; others as they are.

    Args:
        node: any node.
        constants: of the graph, by name; gets those that are new.
        shapes: of the graph's values, by name.
    """
    known = _known(node, constants, shapes)
    if known is None:
        yield node
        return
    acts, attributes = known
    weights = [numpy_helper.to_array(constants[name])[0] for name in node.input[1:3]]
    hidden = weights[1].shape[1]
    gates = GATES[node.op_type] * hidden
    inputs = [*node.input, *[""] * 8]
    dtype = weights[0].dtype
    bias = (
        numpy_helper.to_array(constants[inputs[3]])[0] if inputs[3] else np.zeros(2 * gates, dtype)
    )
    cell = _Cell(node.name or next(filter(None, node.output)), constants)
    x = cell.reshape(inputs[0], [1, -1], "x")
    zero = np.zeros((1, hidden), dtype)
    h = cell.reshape(inputs[5], [1, hidden], "h") if inputs[5] else cell.constant("h", zero)
    from_x = cell.add("MatMul", [x, cell.constant("W", weights[0].T)], "from_x")
    c_new = None
    if node.op_type == "GRU":
        h_new = _gru(cell, from_x, h, weights[1], bias, acts, attributes)
    else:
        from_h = cell.add("MatMul", [h, cell.constant("R", weights[1].T)], "from_h")
        both = cell.constant("bias", bias[:gates] + bias[gates:])
        summed = cell.add("Add", [cell.add("Add", [from_x, from_h], "products"), both], "summed")
        if node.op_type == "RNN":
            h_new = cell.add(acts[0], [summed], "h_new")
        else:
            c = cell.reshape(inputs[6], [1, hidden], "c") if inputs[6] else cell.constant("c", zero)
            h_new, c_new = _lstm(cell, summed, c, hidden, acts)
    for made, value in zip(node.output, (h_new, h_new, c_new), strict=False):
        if made and value:
            sizes = cell.constant(f"{made}_shape", np.array(shapes[made], np.int64))
            cell.nodes.append(helper.make_node("Reshape", [value, sizes], [made], made))
    yield from cell.nodes


def _known(
    node: onnx.NodeProto,
    constants: Mapping[str, onnx.TensorProto],
    shapes: Mapping[str, list[int]],
) -> tuple[list[str], dict[str, Any]] | None:
    """Give a cell's activations and attributes; None for what isn't made plain."""
    if node.op_type not in GATES:
        return None
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    acts = [a.decode().capitalize() for a in attributes.get("activations", [])]
    acts = acts or ACTIVATIONS[node.op_type]
    weights = [name for name in node.input[1:4] if name]
    fits = (
        shapes.get(node.input[0], [])[:2] == [1, 1]
        and all(name in constants for name in weights)
        and constants[node.input[1]].dims[0] == 1  # one direction; which one makes no difference
        and not any(node.input[place] for place in (4, 7) if place < len(node.input))
        and not {name for name, value in attributes.items() if value} - IGNORED
        and set(acts) <= PLAIN
    )
    return (acts, attributes) if fits else None


def _gru(
    cell: _Cell,
    from_x: str,
    h: str,
    weight: Array,
    bias: Array,
    acts: list[str],
    attributes: Mapping[str, Any],
) -> str:
    hidden = weight.shape[1]
    gates = 3 * hidden
    x_part = cell.add("Add", [from_x, cell.constant("bias_x", bias[:gates])], "x_part")
    x_zr, x_c = cell.split(x_part, [2 * hidden, hidden], "x_zr", "x_c")
    late = attributes.get("linear_before_reset", 0)
    rows = gates if late else 2 * hidden  # of the weight that meet h itself
    from_h = cell.add("MatMul", [h, cell.constant("R", weight[:rows].T)], "from_h")
    bias_h = cell.constant("bias_h", bias[gates : gates + rows])
    h_part = cell.add("Add", [from_h, bias_h], "h_part")
    h_zr, h_c = h_part, ""
    if late:
        h_zr, h_c = cell.split(h_part, [2 * hidden, hidden], "h_zr", "h_c")
    zr = cell.add(acts[0], [cell.add("Add", [x_zr, h_zr], "zr_sum")], "zr")
    z, r = cell.split(zr, [hidden, hidden], "z", "r")
    if late:
        kept = cell.add("Mul", [r, h_c], "kept")
    else:
        reset = cell.add("Mul", [r, h], "reset")
        from_reset = cell.add(
            "MatMul", [reset, cell.constant("R_c", weight[rows:].T)], "from_reset"
        )
        bias_c = cell.constant("bias_c", bias[gates + rows :])
        kept = cell.add("Add", [from_reset, bias_c], "kept")
    c = cell.add(acts[1], [cell.add("Add", [x_c, kept], "c_sum")], "candidate")
    # (1 - z) c + z h
    away = cell.add("Mul", [z, cell.add("Sub", [h, c], "difference")], "away")
    return cell.add("Add", [c, away], "h_new")


def _lstm(cell: _Cell, summed: str, c: str, hidden: int, acts: list[str]) -> tuple[str, str]:
    iof_sum, g_sum = cell.split(summed, [3 * hidden, hidden], "iof_sum", "g_sum")
    i, o, f = cell.split(cell.add(acts[0], [iof_sum], "iof"), [hidden] * 3, "i", "o", "f")
    added = cell.add("Mul", [i, cell.add(acts[1], [g_sum], "g")], "added")
    c_new = cell.add("Add", [cell.add("Mul", [f, c], "kept"), added], "c_new")
    return cell.add("Mul", [o, cell.add(acts[2], [c_new], "c_act")], "h_new"), c_new
