"""Weights of a file that multiplies in 8 bits, put back into the form of a float file.

There a cell's products are joined, the sums of some gates halved, and each column is rounded to
whole numbers of a step of its own: what comes back is within half a step of what was exported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qibu.core.arrays import Array, Float32Array

from .recurrent import CELLS

INPUT_STEP = np.float32(1 / 127)  # of the numbers that a product reads, which is in its steps


@dataclass(frozen=True)
class _Gates:
    """How a cell's gates stand in 8 bits: torch's numbers in their order, and which are halved."""

    order: tuple[int, ...]
    halved: frozenset[int]  # of torch's numbers
    joined: bool = True  # whether the weights of input and state are one matrix


_GATES: Mapping[str, _Gates] = {
    "rnn": _Gates((0,), frozenset()),
    "gru": _Gates((0, 1, 2), frozenset({0, 1}), joined=False),
    "lstm": _Gates((0, 1, 3, 2), frozenset({0, 1, 3})),
}


def is_int8(constants: Mapping[str, Array]) -> bool:
    """Say whether these are the constants of a file that multiplies in 8 bits."""
    return "l0_gates_weight" in constants or "l0_w_weight" in constants


def float_constants(
    constants: Mapping[str, Array], cell: str, hidden_size: int, num_layers: int
) -> dict[str, Array]:
    """Give the constants of a float file: `W0`, `R0`, `B0`, …, the output layer's and its bias.

    The first layer's `W0` still has what its inputs were multiplied by.
    """
    found: dict[str, Array] = {}
    kind = CELLS[cell]
    for layer in range(num_layers):
        w, r, w_bias, r_bias = (
            _in_torch_order(part, cell)
            for part in _layer(constants, f"l{layer}_", cell, hidden_size)
        )
        parts = [np.split(value, kind.gates) for value in (w, r, w_bias, r_bias)]
        w, r, w_bias, r_bias = (
            np.concatenate([part[gate] for gate in kind.onnx_gates]) for part in parts
        )
        found[f"W{layer}"], found[f"R{layer}"] = w[None], r[None]
        found[f"B{layer}"] = np.concatenate([w_bias, r_bias])[None]
    end = "_out_weight"
    for name in constants:
        if name.endswith(end):
            base = name.removesuffix(end)
            weight, found["output_bias"] = _product(constants, f"{base}_out")
            found[base] = weight
    return found


def _product(constants: Mapping[str, Array], name: str) -> tuple[Float32Array, Float32Array]:
    """Give a product's weight (out, in) and bias (out,)."""
    step = constants[f"{name}_step"] / INPUT_STEP
    weight = constants[f"{name}_weight"].astype(np.float32) * step
    return np.ascontiguousarray(weight.T), constants[f"{name}_bias"].astype(np.float32)


def _layer(
    constants: Mapping[str, Array], prefix: str, cell: str, hidden_size: int
) -> tuple[Float32Array, ...]:
    """Give what reads the inputs, what reads the state, and the biases of both."""
    if not _GATES[cell].joined:
        (w, w_bias), (r, r_bias) = (_product(constants, f"{prefix}{end}") for end in "wr")
        return w, r, w_bias, r_bias
    joined, bias = _product(constants, f"{prefix}gates")
    return joined[:, :-hidden_size], joined[:, -hidden_size:], bias, np.zeros_like(bias)


def _in_torch_order(value: Float32Array, cell: str) -> Float32Array:
    gates = _GATES[cell]
    parts = dict(zip(gates.order, np.split(value, len(gates.order)), strict=True))
    return np.concatenate(
        [parts[gate] * (2 if gate in gates.halved else 1) for gate in range(len(parts))]
    )
