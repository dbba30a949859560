"""Recurrent layers in whole numbers: one `Scan` over time for those of which one reads the other.

Where the first one's input has a known range it is joined with the state, and both are multiplied
at once; else its sums are computed before, for all steps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import onnx

from qibu.core.arrays import Float32Array

from ..core.int8_cells import CELLS, Layer, LayerWeights, quantise
from ..core.onnx_builder import FLOAT, UINT8
from .int8_products import SHARED, Whole, add_matrix, whole_numbers
from .rewriting import PartBuilder, Rewriting


class RecurrentLayer(NamedTuple):
    """A recurrent node that can be one of whole numbers."""

    node: onnx.NodeProto
    x: str
    first: list[str]  # the states that it begins with; empty: zeros
    prefix: str
    weights: LayerWeights

    @property
    def states(self) -> tuple[str, ...]:
        """A letter for each state."""
        return ("h", "c") if self.node.op_type == "LSTM" else ("h",)

    def ends(self) -> list[str]:
        """Name the states that it ends with."""
        found = [*self.node.output[1:], *[""] * len(self.states)][: len(self.states)]
        return [
            end or f"{self.prefix}{letter}_end"
            for end, letter in zip(found, self.states, strict=True)
        ]


def add_scan(rewriting: Rewriting, chain: Sequence[RecurrentLayer]) -> PartBuilder:
    """Give a chain of layers as one `Scan` over time."""
    part, body = PartBuilder(SHARED), PartBuilder(f"{chain[0].prefix}step.")
    bottom = chain[0]
    rows, features = f"{bottom.prefix}batch", bottom.weights.w.shape[1]
    whole = whole_numbers(part, rewriting, bottom.x, f"{bottom.prefix}x_")
    befores = [
        [
            body.input(f"{layer.prefix}{letter}_before", FLOAT, [1, rows, layer.weights.hidden])
            for letter in layer.states
        ]
        for layer in chain
    ]
    read = body.input(
        f"{bottom.prefix}read",
        FLOAT if whole is None else UINT8,
        [rows, len(bottom.weights.w) if whole is None else features],
    )
    row = body.node("Unsqueeze", [read, body.int64(0)], f"{bottom.prefix}row")
    afters: list[list[str]] = []
    outside: _InputOutside | None = None
    for layer, before in zip(chain, befores, strict=True):
        if layer is not bottom:
            row = quantise(body, afters[-1][0], f"{layer.prefix}x_whole")
            cell = Layer(body, layer.prefix, layer.weights)
        elif whole is not None:
            cell = Layer(body, layer.prefix, layer.weights.gained(whole.gain))
        else:
            cell = outside = _InputOutside(body, layer.prefix, layer.weights)
        afters.append(CELLS[layer.node.op_type.lower()](cell, row, before))
    given_ys = [_y(rewriting, chain, number) for number in range(len(chain))]
    wanted = [number for number, y in enumerate(given_ys) if y]
    for layer, after in zip(chain, afters, strict=True):
        for value in after:
            body.output(value, FLOAT, [1, rows, layer.weights.hidden])
    for number in wanted:
        layer = chain[number]
        each = body.node("Identity", afters[number][:1], f"{layer.prefix}each")
        body.output(each, FLOAT, [1, rows, layer.weights.hidden])
    fed = _fed(part, rewriting, bottom, whole, outside)
    begins = [
        name or _zeros(part, fed, layer.weights.hidden, f"{layer.prefix}{letter}_first")
        for layer in chain
        for name, letter in zip(layer.first, layer.states, strict=False)
    ]
    ends = [end for layer in chain for end in layer.ends()]
    ys = [given_ys[number] for number in wanted]
    part.nodes("Scan", [*begins, fed], [*ends, *ys], body=body.graph(), num_scan_inputs=1)
    return part


def _fed(
    part: PartBuilder,
    rewriting: Rewriting,
    bottom: RecurrentLayer,
    whole: Whole | None,
    outside: "_InputOutside | None",
) -> str:
    """Give what the first layer reads: its input, or that one's sums for all steps at once."""
    if whole is not None:
        return whole.name
    assert outside is not None
    name = f"{bottom.prefix}w"
    return add_matrix(
        part, rewriting, bottom.x, outside.weight.T, outside.bias, name, f"{name}_sums"
    )


def _y(rewriting: Rewriting, chain: Sequence[RecurrentLayer], number: int) -> str:
    """Name a layer's outputs if somebody else than the next layer reads them."""
    name = chain[number].node.output[0]
    readers = rewriting.readers(name)
    if number + 1 < len(chain):
        link = rewriting.producers[chain[number + 1].x]
        alone = len(rewriting.readers(chain[number + 1].x)) == 1
        readers = [reader for reader in readers if not (alone and reader is link)]
    return name if readers or rewriting.is_output(name) else ""


def _zeros(part: PartBuilder, fed: str, size: int, output: str) -> str:
    """Give a first state of zeros (1, batch, size) for what is read, (time, batch, …)."""
    batch = part.node("Shape", [fed], f"{output}_batch", start=1, end=2)
    shape = part.node("Concat", [part.int64(1), batch, part.int64(size)], f"{output}_s", axis=0)
    return part.node("ConstantOfShape", [shape], output)


class _InputOutside(Layer):
    """A layer that is given the input's sums: those of all steps are computed at once."""

    weight: Float32Array  # (gates * hidden, in), of those sums
    bias: Float32Array

    def read(self, x: str) -> str:
        """Take the sums."""
        self.weight, self.bias = self.w, self.w_bias
        return x

    def stacked(self, x: str, h: str, order: tuple[int, ...]) -> str:
        """Add the state's sums to those of the input."""
        self.weight, self.bias = self.ordered(self.w, order), self.ordered(self.w_bias, order)
        whole = quantise(self.graph, h, f"{self.prefix}h_whole")
        own = self.product(
            whole, self.ordered(self.r, order), self.ordered(self.r_bias, order), "r"
        )
        return self.node("Add", [x, own], "gates_sum")
