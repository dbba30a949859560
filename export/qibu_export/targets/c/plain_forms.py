"""Forms of operators that the generator lacks, in those that it has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from qibu.core.arrays import Array

Constants = dict[str, onnx.TensorProto]
Shapes = Mapping[str, list[int]]


@dataclass
class _Forms:
    """One node, and what its place is taken by."""

    node: onnx.NodeProto
    constants: Constants
    shapes: Shapes

    def constant(self, suffix: str, value: Array) -> str:
        name = f"{self.node.output[0] or self.node.output[1]}_{suffix}"
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def make(self, kind: str, inputs: list[str], made: str, **attributes: Any) -> onnx.NodeProto:
        return helper.make_node(kind, inputs, [made], made, **attributes)

    def attributes(self) -> dict[str, Any]:
        return {a.name: helper.get_attribute_value(a) for a in self.node.attribute}

    def value(self, place: int) -> Array | None:
        """Give a constant input; None where it is left out or no constant."""
        name = self.node.input[place] if place < len(self.node.input) else ""
        return numpy_helper.to_array(self.constants[name]) if name in self.constants else None


def plain_form(
    node: onnx.NodeProto, constants: Constants, shapes: Shapes
) -> Iterator[onnx.NodeProto]:
    """Give a node in forms that the generator has; others as they are.

    Args:
        node: any node.
        constants: of the graph, by name; gets those that are new.
        shapes: of the graph's values, by name.
    """
    form = _FORMS.get(node.op_type)
    made = form(_Forms(node, constants, shapes)) if form else None
    yield from made if made is not None else [node]


def _backwards(forms: _Forms) -> list[onnx.NodeProto] | None:
    """A slice that runs backwards picks its places one by one."""
    node, data = forms.node, forms.node.input[0]
    starts, ends, axes, steps = (forms.value(place) for place in (1, 2, 3, 4))
    if starts is None or ends is None or axes is None or steps is None or (steps > 0).all():
        return None
    nodes = []
    for number, (start, end, axis, step) in enumerate(zip(starts, ends, axes, steps, strict=True)):
        size = forms.shapes[node.input[0]][axis]
        # below the first place is what Python calls None: -1 would be the last
        stop = None if end < -size else int(end)
        places = np.arange(size)[slice(int(start), stop, int(step))]
        made = node.output[0] if number == len(starts) - 1 else f"{node.output[0]}_{number}"
        index = forms.constant(f"places_{number}", places)
        nodes.append(forms.make("Gather", [data, index], made, axis=int(axis)))
        data = made
    return nodes


def _einsum(forms: _Forms) -> list[onnx.NodeProto] | None:
    """A product of two by letters is a product of matrices, many at a time."""
    node = forms.node
    equation = forms.attributes()["equation"].decode().replace(" ", "")
    given, arrow, wanted = equation.partition("->")
    letters = given.split(",")
    if "." in equation or not arrow or len(letters) != 2:
        return None
    if any(len(set(part)) != len(part) for part in (*letters, wanted)):
        return None
    sizes: dict[str, int] = {}
    for part, name in zip(letters, node.input, strict=True):
        sizes |= dict(zip(part, _shape(forms, name), strict=True))
    a, b = letters
    both = [x for x in a if x in b and x in wanted]
    summed = [x for x in a if x in b and x not in wanted]
    only_a, only_b = ([x for x in p if x not in q] for p, q in ((a, b), (b, a)))
    if any(x not in wanted for x in (*only_a, *only_b)):
        return None
    nodes: list[onnx.NodeProto] = []

    def matrices(name: str, part: str, order: list[list[str]], suffix: str) -> str:
        turned, made = f"{node.output[0]}_{suffix}_turned", f"{node.output[0]}_{suffix}"
        perm = [part.index(x) for x in chain.from_iterable(order)]
        nodes.append(forms.make("Transpose", [name], turned, perm=perm))
        shape = np.array([prod(sizes[x] for x in group) for group in order])
        nodes.append(
            forms.make("Reshape", [turned, forms.constant(f"{suffix}_sizes", shape)], made)
        )
        return made

    left = matrices(node.input[0], a, [both, only_a, summed], "a")
    right = matrices(node.input[1], b, [both, summed, only_b], "b")
    product, apart = f"{node.output[0]}_product", f"{node.output[0]}_apart"
    nodes.append(forms.make("MatMul", [left, right], product))
    order = [*both, *only_a, *only_b]
    shape = forms.constant("sizes", np.array([sizes[x] for x in order], np.int64))
    nodes.append(forms.make("Reshape", [product, shape], apart))
    perm = [order.index(x) for x in wanted]
    nodes.append(forms.make("Transpose", [apart], node.output[0], perm=perm))
    return nodes


def _shape(forms: _Forms, name: str) -> list[int]:
    return list(forms.constants[name].dims) if name in forms.constants else forms.shapes[name]


def _one_way(forms: _Forms) -> list[onnx.NodeProto] | None:
    """A cell that reads backwards reads a turned sequence; one that reads both ways is two."""
    node, attributes = forms.node, forms.attributes()
    direction = attributes.pop("direction", b"forward").decode()
    inputs = [*node.input, *[""] * 8][:8]
    if direction == "forward":  # what goes without saying, the generator misreads
        said = [a for a in node.attribute if a.name != "direction"]
        del node.attribute[:]
        node.attribute.extend(said)
    if direction == "forward" or attributes.get("layout") or inputs[4] or inputs[7]:
        return None
    weights = [forms.value(place) for place in (1, 2, 3)]
    if weights[0] is None or weights[1] is None or (inputs[3] and weights[2] is None):
        return None
    ways = [True] if direction == "reverse" else [False, True]
    back = forms.constant("backwards", np.arange(forms.shapes[inputs[0]][0])[::-1])
    acts = attributes.pop("activations", [])
    nodes: list[onnx.NodeProto] = []
    made: list[list[str]] = []
    first = _first_states(forms, inputs, nodes, len(ways))
    for way, turned in enumerate(ways):
        own = f"{node.output[0] or node.output[1]}_{'back' if turned else 'ahead'}"
        x = inputs[0]
        if turned:
            x = f"{own}_x"
            nodes.append(forms.make("Gather", [inputs[0], back], x, axis=0))
        parts = [
            "" if value is None else forms.constant(f"{kind}{way}", value[way : way + 1])
            for kind, value in zip("WRB", weights, strict=True)
        ]
        share = len(acts) // len(ways)
        if acts:
            attributes["activations"] = acts[way * share : (way + 1) * share]
        outputs = [f"{own}_{kind}" for kind in ("y", "h", "c")[: len(node.output)]]
        states = [state[way] if state else "" for state in first]
        nodes.append(
            helper.make_node(node.op_type, [x, *parts, "", *states], outputs, own, **attributes)
        )
        if turned and node.output[0]:
            nodes.append(forms.make("Gather", [outputs[0], back], f"{own}_ahead", axis=0))
            outputs[0] = f"{own}_ahead"
        made.append(outputs)
    for place, name in enumerate(node.output):
        if name:
            axis = 0 if place else 1
            nodes.append(forms.make("Concat", [way[place] for way in made], name, axis=axis))
    return nodes


def _first_states(
    forms: _Forms, inputs: list[str], nodes: list[onnx.NodeProto], ways: int
) -> list[list[str] | None]:
    """Give the first states of each way."""
    found: list[list[str] | None] = []
    own = forms.node.output[0] or forms.node.output[1]
    for number, name in enumerate(inputs[5 : 7 if forms.node.op_type == "LSTM" else 6]):
        parts = [f"{own}_first{number}_{way}" for way in range(ways)] if name else None
        if parts is not None:
            sizes = forms.constant("each_way", np.ones(ways, np.int64))
            nodes.append(helper.make_node("Split", [name, sizes], parts, parts[0], axis=0))
        found.append(parts)
    return found


def _moves_nothing(forms: _Forms) -> list[onnx.NodeProto] | None:
    """A turn that moves axes of one place only names the same memory anew."""
    sizes = forms.shapes.get(forms.node.input[0], [])
    if not sizes or 0 in sizes:  # not known
        return None
    perm = forms.attributes().get("perm", range(len(sizes))[::-1])
    moved = [axis for axis in perm if sizes[axis] != 1]
    if moved != sorted(moved):
        return None
    shape = forms.constant("sizes", np.array([sizes[axis] for axis in perm], np.int64))
    return [forms.make("Reshape", [forms.node.input[0], shape], forms.node.output[0])]


_FORMS: Mapping[str, Callable[[_Forms], list[onnx.NodeProto] | None]] = {
    "Slice": _backwards,
    "Transpose": _moves_nothing,
    "Einsum": _einsum,
    "RNN": _one_way,
    "GRU": _one_way,
    "LSTM": _one_way,
}
