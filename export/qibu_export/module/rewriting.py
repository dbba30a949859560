"""Putting other nodes in the place of an ONNX graph's."""

from collections.abc import Iterable, Iterator

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


class Rewriting:
    """A graph whose nodes are replaced one by one.

    Attributes:
        model: a copy of what was given; `use` and `add` change it.
        constants: its constants by name.
        producers: the node that writes each value.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model)
        self.graph = self.model.graph
        self.constants = {
            weight.name: numpy_helper.to_array(weight) for weight in self.graph.initializer
        }
        self.producers = {name: node for node in self.graph.node for name in node.output if name}

    def sources(self, value: str) -> Iterator[str]:
        """Give what a value's numbers come from, before they were only given other places."""
        node = self.producers.get(value)
        if node is None or node.op_type not in SHAPING:
            yield value
            return
        for name in node.input if node.op_type == "Concat" else node.input[:1]:
            yield from self.sources(name)

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
        self.graph.node.extend(nodes)

    def drop(self, names: Iterable[str] = ()) -> None:
        """Take out some constants, and those that no node reads any more."""
        dropped = set(names)
        read = set(_read(self.graph)) | {value.name for value in self.graph.output}
        kept = [w for w in self.graph.initializer if w.name in read and w.name not in dropped]
        del self.graph.initializer[:]
        self.graph.initializer.extend(kept)


def _read(graph: onnx.GraphProto) -> Iterator[str]:
    for node in graph.node:
        yield from node.input
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _read(attribute.g)
