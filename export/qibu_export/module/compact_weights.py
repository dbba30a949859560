"""Keeping the weights of any graph in 8 bits, and computing in float32."""

from collections.abc import Mapping
from math import prod

import numpy as np
import onnx

from qibu.core.arrays import Array

from ..core.onnx_builder import CompactBuilder
from .ranges import projected
from .rewriting import Rewriting

SMALLEST = 128  # numbers of a weight; the nodes that unfold a smaller one take what it saves
SHORTEST = 4  # numbers that have a step in common
KERNELS = ("Conv", "ConvTranspose")
# at which of its inputs an operator reads weights; a layer's biases stay as they are
WEIGHTS: Mapping[str, tuple[int, ...]] = {
    "MatMul": (0, 1),
    "Gemm": (0, 1),
    "RNN": (1, 2),
    "GRU": (1, 2),
    "LSTM": (1, 2),
    "Conv": (1,),
    "ConvTranspose": (1,),
    "Gather": (0,),
}


def compact_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give the graph with its matrices as whole numbers with a step a row, unfolded by two nodes.

    A convolution's weight has a step for each channel that it writes or, transposed, reads.
    """
    rewriting = Rewriting(model)
    builder = CompactBuilder("weights")
    compacted: set[str] = set()
    exact = projected(rewriting)
    for node in rewriting.graph.node:
        for place in WEIGHTS.get(node.op_type, ()):
            name = node.input[place]
            value = rewriting.constants.get(name)
            if value is None or name in compacted or name in exact:
                continue
            along = tuple(range(1, value.ndim)) if node.op_type in KERNELS else (-1,)
            if _pays(value, along):
                builder.compact(name, value, along)
                compacted.add(name)
    rewriting.drop(compacted)
    rewriting.use([builder, *rewriting.graph.node])
    return rewriting.model


def _pays(value: Array, along: tuple[int, ...]) -> bool:
    if value.dtype != np.float32 or value.ndim < 2 or value.size < SMALLEST:
        return False
    return bool(prod(value.shape[axis] for axis in along) >= SHORTEST)
