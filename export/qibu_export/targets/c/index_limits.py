"""Which inputs are places in a table: C would follow one outside of it wherever it leads."""

from collections.abc import Mapping

import onnx

# operators that hand on the numbers of their first input
_SAME = {"Identity", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Flatten", "Cast", "Expand"}
_INDEXED = {
    "Gather": 1,
    "GatherElements": 1,
    "ScatterElements": 1,
    "Scatter": 1,
}


def index_limits(model: onnx.ModelProto) -> Mapping[str, int]:
    """Give, for each input that is used as an index as it is, the size of what it is a place in.

    Args:
        model: every size known.
    """
    graph = model.graph
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.output, *graph.value_info)
    }
    shapes |= {constant.name: list(constant.dims) for constant in graph.initializer}
    origin = {port.name: port.name for port in graph.input}
    limits: dict[str, int] = {}
    for node in graph.node:
        if node.op_type in _SAME and node.input[0] in origin:
            origin[node.output[0]] = origin[node.input[0]]
        place = _INDEXED.get(node.op_type)
        if place is None or node.input[place] not in origin:
            continue
        axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
        size = shapes[node.input[0]][axis]
        name = origin[node.input[place]]
        limits[name] = min(size, limits.get(name, size))
    return limits
