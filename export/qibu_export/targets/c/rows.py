"""Products of one row with constant weights, turned: x W becomes W' x'.

A compiler's innermost loop then runs along memory, and `kernels` has code for it.
"""

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np
import onnx
from onnx import helper, numpy_helper

from qibu.core.arrays import Array


def in_rows(
    node: onnx.NodeProto,
    constants: dict[str, onnx.TensorProto],
    shapes: Mapping[str, list[int]],
) -> Iterator[onnx.NodeProto]:
    """Give a product with its weights first and laid in rows; others as they are.

    Args:
        node: any node.
        constants: of the graph, by name; gets those that are new.
        shapes: of the graph's values, by name.
    """
    weight = _weight(node, constants, shapes)
    if weight is None:
        yield node
        return
    name, made = node.input[1], node.output[0]

    def constant(suffix: str, value: Array) -> str:
        tensor = numpy_helper.from_array(np.ascontiguousarray(value), f"{name}{suffix}")
        constants[tensor.name] = tensor
        return str(tensor.name)

    inputs = weight.shape[1]
    shape = constant(f"_{inputs}_column", np.array([inputs, 1]))
    column, product = f"{made}_column", f"{made}_product"
    yield helper.make_node("Reshape", [node.input[0], shape], [column], column)
    rows = constant("_rows", weight)
    if node.op_type == "MatMulInteger":
        zero = node.input[2] if len(node.input) > 2 else ""
        yield helper.make_node("MatMulInteger", [rows, column, "", zero], [product], product)
    else:
        yield helper.make_node("MatMul", [rows, column], [product], product)
    added = node.input[2] if node.op_type == "Gemm" and len(node.input) > 2 else ""
    flat = constant(f"_flat_{len(shapes[made])}", np.array(shapes[made]))
    row = f"{made}_row" if added else made
    yield helper.make_node("Reshape", [product, flat], [row], row)
    if added:
        yield helper.make_node("Add", [row, added], [made], made)


def _weight(
    node: onnx.NodeProto,
    constants: Mapping[str, onnx.TensorProto],
    shapes: Mapping[str, list[int]],
) -> Array | None:
    """Give the weights in rows (outputs, inputs) where the node is a product of one row."""
    if node.op_type not in ("MatMul", "Gemm", "MatMulInteger") or node.input[1] not in constants:
        return None
    weight: Array = numpy_helper.to_array(constants[node.input[1]])
    turned = 0
    if node.op_type == "Gemm":
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if attributes.get("transA", 0) or {
            attributes.get(name, 1.0) for name in ("alpha", "beta")
        } != {1.0}:
            return None
        turned = attributes.get("transB", 0)
    if len(node.input) > 3 and node.input[3]:  # weights with a zero of their own
        return None
    if weight.ndim != 2 or node.input[0] in constants or node.output[0] not in shapes:
        return None
    weight = weight if turned else weight.T
    one_row = prod(shapes.get(node.input[0], [0])) == weight.shape[1]
    return weight if one_row and prod(shapes[node.output[0]]) == weight.shape[0] else None
