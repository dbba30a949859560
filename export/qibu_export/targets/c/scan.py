"""`Scan` unrolled: for one step it is its body."""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import helper, numpy_helper

from qibu.core.errors import ModelFileError


def unrolled(node: onnx.NodeProto, graph: onnx.GraphProto, opset: int) -> Iterator[onnx.NodeProto]:
    """Give the nodes that a step of a `Scan` is, its constants to the graph; others as they are.

    Raises:
        ModelFileError: its body has control flow of its own, or its opset means it otherwise.
    """
    if node.op_type != "Scan":
        yield node
        return
    attributes = {attribute.name: attribute for attribute in node.attribute}
    body = attributes["body"].g
    name = node.name or node.output[0]
    inner = [a for n in body.node for a in n.attribute if a.type == onnx.AttributeProto.GRAPH]
    if inner or opset < 9:
        why = "has control flow inside" if inner else f"is of opset {opset}, from 9 on it can be"
        raise ModelFileError(f"no C can be made of Scan {name!r}: it {why}")
    scanned = attributes["num_scan_inputs"].i
    carried = len(node.input) - scanned
    axes = list(attributes["scan_input_axes"].ints) if "scan_input_axes" in attributes else []
    out_axes = list(attributes["scan_output_axes"].ints) if "scan_output_axes" in attributes else []

    def own(value: str) -> str:
        return f"{name}_{value}"

    def move(kind: str, value: str, made: str, axis: int) -> onnx.NodeProto:
        if opset < 13:
            return helper.make_node(kind, [value], [made], f"{made}_{kind}", axes=[axis])
        constant = own(f"axis_{axis}")
        if constant not in {c.name for c in graph.initializer}:
            graph.initializer.append(numpy_helper.from_array(np.array([axis], np.int64), constant))
        return helper.make_node(kind, [value, constant], [made], f"{made}_{kind}")

    names = [port.name for port in body.input] + [constant.name for constant in body.initializer]
    names += [value for n in body.node for value in n.output]
    inside = {value: own(value) for value in names if value}
    for place, port in enumerate(body.input):
        given = node.input[place]
        if place < carried:
            yield helper.make_node("Identity", [given], [inside[port.name]], own(f"in{place}"))
        else:
            axis = axes[place - carried] if axes else 0
            yield move("Squeeze", given, inside[port.name], axis)
    for constant in body.initializer:
        graph.initializer.add().CopyFrom(constant)
        graph.initializer[-1].name = inside[constant.name]
    for n in body.node:
        plain = onnx.NodeProto()
        plain.CopyFrom(n)
        plain.name = own(n.name or n.output[0])
        for values in (plain.input, plain.output):
            renamed = [inside.get(value, value) for value in values]
            del values[:]
            values.extend(renamed)
        yield plain
    for place, port in enumerate(body.output):
        made = node.output[place]
        value = inside.get(port.name, port.name)
        if not made:
            continue
        if place < carried:
            yield helper.make_node("Identity", [value], [made], own(f"out{place}"))
        else:
            axis = out_axes[place - carried] if out_axes else 0
            yield move("Unsqueeze", value, made, axis)
