"""What is known of a graph's hidden states without running it."""

from collections.abc import Mapping

import onnx

from .rewriting import Rewriting

MODES = {"RNN": "RNN_TANH", "GRU": "GRU", "LSTM": "LSTM"}  # ours, by ONNX's operator


def settings_of(node: onnx.NodeProto) -> Mapping[str, object] | None:
    """Give what a layer was set to; None: it is none whose states are within -1..1."""
    if node.op_type not in MODES:
        return None
    found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if {"activations", "clip", "layout", "input_forget"} & set(found):
        return None
    return None if len(node.input) > 7 and node.input[7] else found


def within_one(rewriting: Rewriting, value: str) -> bool:
    """Say whether a value's numbers are known to be within -1..1."""
    for source in rewriting.sources(value):
        node = rewriting.producers.get(source)
        if node is None:
            return False
        hidden = settings_of(node) is not None and source in node.output[:2]
        if not hidden and node.op_type not in ("Tanh", "Sigmoid"):
            return False
    return True


def carried(rewriting: Rewriting, value: str) -> bool:
    """Say whether a first state comes as another step left it, or is known to be within -1..1."""
    given = {port.name for port in rewriting.graph.input} | set(rewriting.constants)
    return all(s in given or within_one(rewriting, s) for s in rewriting.sources(value))


def projected(rewriting: Rewriting) -> set[str]:
    """Give the constants of layers whose state is a projection, in and out of it.

    They undo each other (see `layers`), which holds for the numbers that they are, not for those
    nearby.
    """
    found: set[str] = set()
    for node in rewriting.graph.node:
        if node.op_type not in MODES or len(node.input) < 6 or not node.input[5]:
            continue
        if not carried(rewriting, node.input[5]):
            makers = [rewriting.producers.get(s) for s in rewriting.sources(node.input[5])]
            readers = [n for n in rewriting.graph.node if node.output[1] in n.input]
            found.add(node.input[2])
            for other in [*makers, *readers]:
                found.update(other.input if other else ())
    return found
