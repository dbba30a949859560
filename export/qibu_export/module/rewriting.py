"""Putting other nodes in the place of an ONNX graph's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from graphlib import TopologicalSorter
from heapq import heapify, heappop, heappush

import onnx
from onnx import numpy_helper

from qibu.core.arrays import Array

from ..core.onnx_builder import GraphBuilder

# give other places to the values of their first input, or of all that they join
SHAPING = (
    *("Squeeze", "Unsqueeze", "Transpose", "Reshape", "Flatten", "Slice", "Split", "Identity"),
    *("Gather", "Expand", "Tile", "Concat"),
)


class PartBuilder(GraphBuilder):
    """Makes a part of a graph; its constants bear a prefix, for the names of others stand there."""

    def __init__(self, prefix: str) -> None:
        super().__init__("part")
        self._prefix = prefix

    def constant(self, name: str, value: Array) -> str:
        """Add a constant."""
        return super().constant(self._prefix + name, value)

    def add(self, node: onnx.NodeProto) -> None:
        """Add a node that is made already."""
        self._nodes.append(node)


class Rewriting:
    """A graph whose nodes are replaced one by one.

    Attributes:
        model: a copy of what was given; `use` and `add` change it.
        bounded: inputs whose numbers are known to be within -1..1.
        constants: its constants by name.
        producers: the node that writes each value.
    """

    def __init__(self, model: onnx.ModelProto, bounded: frozenset[str] = frozenset()) -> None:
        self.bounded = bounded
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model)
        self.graph = self.model.graph
        self.constants = {
            weight.name: numpy_helper.to_array(weight) for weight in self.graph.initializer
        }
        self.producers = {name: node for node in self.graph.node for name in node.output if name}
        self._readers: dict[str, list[onnx.NodeProto]] = {}
        for node in self.graph.node:
            for name in _read_by(node):
                self._readers.setdefault(name, []).append(node)
        self._outputs = {value.name for value in self.graph.output}
        self._asked: Counter[str] = Counter()

    def sources(self, value: str) -> Iterator[str]:
        """Give what a value's numbers come from, before they were only given other places."""
        node = self.producers.get(value)
        if node is None or node.op_type not in SHAPING:
            yield value
            return
        for name in node.input if node.op_type == "Concat" else node.input[:1]:
            yield from self.sources(name)

    def readers(self, value: str) -> list[onnx.NodeProto]:
        """Give the nodes that read a value."""
        return self._readers.get(value, [])

    def is_output(self, value: str) -> bool:
        """Say whether the graph gives a value out."""
        return value in self._outputs

    def unused(self, name: str) -> str:
        """Give a name, with its number if it was given before: layers may share weights."""
        self._asked[name] += 1
        count = self._asked[name]
        return name if count == 1 else f"call{count}.{name}"

    def use(self, parts: Iterable[onnx.NodeProto | GraphBuilder]) -> None:
        """Let the graph consist of these nodes and what these builders hold."""
        nodes: list[onnx.NodeProto] = []
        known = set(self.constants)
        for part in parts:
            if isinstance(part, onnx.NodeProto):
                nodes.append(part)
                continue
            made = part.graph()
            nodes += made.node
            added = [weight for weight in made.initializer if weight.name not in known]
            known |= {weight.name for weight in added}
            self.graph.initializer.extend(added)
        del self.graph.node[:]
        self.graph.node.extend(_in_order(self._needed(nodes)))

    def _needed(self, nodes: Sequence[onnx.NodeProto]) -> list[onnx.NodeProto]:
        """Leave out nodes whose results nobody reads."""
        writers = {name: node for node in nodes for name in node.output if name}
        kept: dict[int, onnx.NodeProto] = {}
        asked = [writers[name] for name in self._outputs if name in writers]
        while asked:
            node = asked.pop()
            if id(node) not in kept:
                kept[id(node)] = node
                asked += [writers[name] for name in _read_by(node) if name in writers]
        return [node for node in nodes if id(node) in kept]

    def drop(self, names: Iterable[str] = ()) -> None:
        """Take out some constants, and those that no node reads any more."""
        dropped = set(names)
        read = set(_read(self.graph)) | {value.name for value in self.graph.output}
        kept = [w for w in self.graph.initializer if w.name in read and w.name not in dropped]
        del self.graph.initializer[:]
        self.graph.initializer.extend(kept)


def _in_order(nodes: Sequence[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """Let each node stand after those whose results it reads, else as they stood."""
    place = {name: number for number, node in enumerate(nodes) for name in node.output if name}
    before = {
        number: {place[name] for name in _read_by(node) if name in place}
        for number, node in enumerate(nodes)
    }
    sorter, order = TopologicalSorter(before), list[int]()
    sorter.prepare()
    ready = list(sorter.get_ready())
    heapify(ready)
    while ready:
        order.append(heappop(ready))
        sorter.done(order[-1])
        for number in sorter.get_ready():
            heappush(ready, number)
    return [nodes[number] for number in order]


def _read(graph: onnx.GraphProto) -> Iterator[str]:
    for node in graph.node:
        yield from _read_by(node)


def _read_by(node: onnx.NodeProto) -> Iterator[str]:
    yield from node.input
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield from _read(attribute.g)
            yield from (value.name for value in attribute.g.output)
