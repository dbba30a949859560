"""Products of one row with constant weights, in the form that `kernels` has fast code for.

Of floats: the row times the matrix, a product of matrices whatever the operator was, so that the
sums of all columns grow side by side. Of 8 bits, and where the weights are a table that is read too
(an embedding at both ends): the matrix turned, so that the inner loop runs along its rows.
"""

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np
import onnx
from onnx import helper, numpy_helper

from qibu.core.arrays import Array

Key = tuple[tuple[int, ...], bytes]


class OneRowProducts:
    """Gives such products another form.

    Args:
        graph: in which they are.
    """

    def __init__(self, graph: onnx.GraphProto) -> None:
        looked_up = {node.input[0] for node in graph.node if node.op_type == "Gather"}
        self.tables = {
            _key(numpy_helper.to_array(constant))
            for constant in graph.initializer
            if constant.name in looked_up
        }

    def __call__(
        self,
        node: onnx.NodeProto,
        constants: dict[str, onnx.TensorProto],
        shapes: Mapping[str, list[int]],
    ) -> Iterator[onnx.NodeProto]:
        """Give a product in its other form; others as they are.

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

        inputs = weight.shape[0]
        whole = node.op_type == "MatMulInteger"
        turned = whole or _key(weight.T) in self.tables
        sizes = [inputs, 1] if turned else [1, inputs]
        given, product = f"{made}_given", f"{made}_product"
        shape = constant(f"_given_{'_'.join(map(str, sizes))}", np.array(sizes))
        yield helper.make_node("Reshape", [node.input[0], shape], [given], given)
        if turned:
            factors = [constant("_turned", weight.T), given]
            zero = ["", node.input[2]] if whole and len(node.input) > 2 else []
            yield helper.make_node(
                node.op_type if whole else "MatMul", factors + zero, [product], product
            )
        else:
            yield helper.make_node(
                "MatMul", [given, constant("_columns", weight)], [product], product
            )
        added = node.input[2] if node.op_type == "Gemm" and len(node.input) > 2 else ""
        flat = constant(f"_flat_{len(shapes[made])}", np.array(shapes[made]))
        row = f"{made}_row" if added else made
        yield helper.make_node("Reshape", [product, flat], [row], row)
        if added:
            yield helper.make_node("Add", [row, added], [made], made)


def _key(matrix: Array) -> Key:
    return matrix.shape, matrix.tobytes()


def _weight(
    node: onnx.NodeProto,
    constants: Mapping[str, onnx.TensorProto],
    shapes: Mapping[str, list[int]],
) -> Array | None:
    """Give the weights (inputs, outputs) where the node is a product of one row."""
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
    weight = weight.T if turned else weight
    one_row = prod(shapes.get(node.input[0], [0])) == weight.shape[0]
    return weight if one_row and prod(shapes[node.output[0]]) == weight.shape[1] else None
