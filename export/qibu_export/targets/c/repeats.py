"""Constants that repeat themselves, kept once: a factor for each gate is four numbers, not 512."""

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np
import onnx
from onnx import helper, numpy_helper

from qibu.core.arrays import Array

LEAST = 32  # numbers, below which nothing is gained


def kept_once(
    node: onnx.NodeProto,
    constants: dict[str, onnx.TensorProto],
    shapes: Mapping[str, list[int]],
) -> Iterator[onnx.NodeProto]:
    """Give a sum or product with a constant of equal runs a constant of one number a run.

    Args:
        node: any node; others stay as they are.
        constants: of the graph, by name; gets those that are new.
        shapes: of the graph's values, by name.
    """
    place = next((p for p, name in enumerate(node.input) if name in constants), 0)
    made, other = node.output[0], node.input[1 - place] if len(node.input) == 2 else ""
    runs = _runs(constants.get(node.input[place])) if node.input else None
    sizes = shapes.get(made, [])
    if (
        node.op_type not in ("Add", "Mul")
        or runs is None
        or not sizes
        or 0 in sizes  # one isn't known
        or shapes.get(other) != sizes
        or prod(constants[node.input[place]].dims) != sizes[-1]
    ):
        yield node
        return

    def constant(suffix: str, value: Array) -> str:
        tensor = numpy_helper.from_array(value, f"{made}_{suffix}")
        constants[tensor.name] = tensor
        return str(tensor.name)

    apart, whole = f"{made}_apart", f"{made}_whole"
    shape = np.array([*sizes[:-1], len(runs), sizes[-1] // len(runs)])
    yield helper.make_node("Reshape", [other, constant("runs", shape)], [apart], apart)
    inputs = [apart, constant("once", runs.reshape(-1, 1))]
    yield helper.make_node(node.op_type, inputs, [whole], whole)
    yield helper.make_node("Reshape", [whole, constant("sizes", np.array(sizes))], [made], made)


def _runs(constant: onnx.TensorProto | None) -> Array | None:
    """Give one number of each run, where all are equally long and there are few."""
    if constant is None:
        return None
    value: Array = numpy_helper.to_array(constant).ravel()
    if value.size < LEAST or value.dtype == object:
        return None
    for count in range(1, value.size // 8 + 1):
        if value.size % count == 0:
            rows = value.reshape(count, -1)
            if (rows == rows[:, :1]).all():
                return np.ascontiguousarray(rows[:, 0])
    return None
