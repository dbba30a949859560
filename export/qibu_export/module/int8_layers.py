"""Which recurrent layers and linear products of a graph can be ones of whole numbers."""

import numpy as np
import onnx
import torch

from qibu.core.arrays import Array
from qibu.core.errors import InputError

from ..core.int8_cells import LayerWeights
from .compact_weights import SMALLEST, compact_weights
from .int8_products import linear
from .int8_scan import RecurrentLayer, add_scan
from .operators import reorder_gates
from .ranges import MODES, carried, given, settings_of
from .rewriting import PartBuilder, Rewriting


def to_int8(model: onnx.ModelProto, bounded: frozenset[str] = frozenset()) -> onnx.ModelProto:
    """Give the graph with integer products where it can have them.

    Those are GRUs, LSTMs and vanilla layers by tanh that read forwards from a state that is carried
    as it is, and products with constant matrices. What is left has its weights in 8 bits.

    Args:
        model: in float32.
        bounded: inputs whose numbers are known to be within -1..1.

    Raises:
        InputError: there is none of those.
    """
    rewriting = Rewriting(model, bounded)
    chains = _chains(rewriting)
    ends = {id(chain[-1].node): chain for chain in chains}
    inner = {id(layer.node) for chain in chains for layer in chain[:-1]}
    parts: list[onnx.NodeProto | PartBuilder] = []
    for node in rewriting.graph.node:
        if id(node) in ends:
            parts.append(add_scan(rewriting, ends[id(node)]))
        elif id(node) not in inner:
            parts.append(linear(rewriting, node) or node)
    if all(isinstance(part, onnx.NodeProto) for part in parts):
        raise InputError(
            "int8 has nothing to multiply in whole numbers: no nn.GRU, nn.LSTM or nn.RNN by tanh "
            f"that reads forwards, no linear layer of {SMALLEST} weights and more; "
            "precision='int8-weights' keeps all weights in 8 bits"
        )
    rewriting.use(parts)
    rewriting.drop()
    return compact_weights(rewriting.model)


def _chains(rewriting: Rewriting) -> list[list[RecurrentLayer]]:
    """Give all such layers, together those of which each reads only what the one before gives."""
    chains: list[list[RecurrentLayer]] = []
    for node in rewriting.graph.node:
        layer = _layer(rewriting, node)
        if layer is None:
            continue
        before = rewriting.producers.get(layer.x)
        for chain in chains:
            follows = (
                before is not None
                and before.op_type == "Squeeze"
                and before.input[0] == chain[-1].node.output[0] != ""
                and all(not name or given(rewriting, name) for name in layer.first)
            )
            if follows:
                chain.append(layer)
                break
        else:
            chains.append([layer])
    return chains


def _layer(rewriting: Rewriting, node: onnx.NodeProto) -> RecurrentLayer | None:
    settings = settings_of(node)
    if settings is None or "direction" in settings:
        return None
    x, w, r, b, lengths, *first = [*node.input, *[""] * (7 - len(node.input))][:7]
    constants = rewriting.constants
    if lengths or any(name and name not in constants for name in (w, r, b)):
        return None
    if node.op_type == "GRU" and settings.get("linear_before_reset") != 1:
        return None
    if first[0] and not carried(rewriting, first[0]):
        return None
    weights = _weights(node.op_type, constants[w], constants[r], constants.get(b))
    start, _, number = rewriting.unused(w).rpartition("W")
    return RecurrentLayer(node, x, first, f"{start}l{number}_", weights)


def _weights(operator: str, w: Array, r: Array, b: Array | None) -> LayerWeights:
    """Give ONNX's weights of one direction with torch's order of gates."""
    halves = np.zeros((2, w.shape[1]), np.float32) if b is None else np.split(b[0], 2)
    turned = [
        reorder_gates(MODES[operator], torch.from_numpy(part.copy()), back=True).numpy()
        for part in (w[0], r[0], *halves)
    ]
    return LayerWeights(*turned)
