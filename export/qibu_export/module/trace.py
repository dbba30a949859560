"""The file's own test: a few steps with what goes in and comes out, small enough to travel."""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from qibu.core.arrays import Array
from qibu.core.model_file import TRACE_BYTES, GoldenTrace
from qibu.core.packed import Packed

from .discovery import Plan
from .stepping import sizes_of, split_steps

STEPS = 4
OVERHEAD = 120  # bytes of an array's description, besides its name
# another machine's exp ends in other digits and its sums run in another order; both add up
TOLERANCE = 1e-4


def golden_trace(plan: Plan, limit: float) -> GoldenTrace | None:
    """Give a few steps from the first states, as torch computes them; None if none fits.

    Args:
        plan: the verified module.
        limit: within which this machine agreed, relative above 1.
    """
    carrier = plan.exact
    request = plan.carrier.request
    for steps in range(STEPS if request.streaming else 1, 0, -1):
        # a file that can't be stepped reads its few steps at once
        length = steps if request.streaming else STEPS
        generator = torch.Generator().manual_seed(7)
        inputs = plan.samples.draw(sizes_of(plan, 1, length), generator)
        states = carrier.start(1)
        written: list[tuple[dict[str, Array], dict[str, Array]]] = []
        for part in split_steps(plan, inputs, steps):
            results, states = carrier.run(part, states)
            written.append((_arrays(part), _arrays(results)))
        last = _arrays({state.output: states[state.input] for state in carrier.states})
        given = sum(_size(name, array) for ins, _ in written for name, array in ins.items())
        found = [*last.items(), *(pair for _, outs in written for pair in outs.items())]
        fixed = sum(OVERHEAD + len(name) for name, _ in found)
        room = TRACE_BYTES - given - fixed
        if room < 4 * len(found) * 8:
            continue
        values = sum(_size(name, array) for name, array in found) - fixed
        every = max(1, math.ceil(values / room))
        return GoldenTrace(
            tuple({"inputs": _packed(ins), "outputs": _packed(outs, every)}
                  for ins, outs in written),
            _packed(last, every),
            max(TOLERANCE, limit),
        )  # fmt: skip
    return None


def _arrays(values: Mapping[str, Tensor]) -> dict[str, Array]:
    """Give tensors as arrays, in float32."""
    return {
        name: (value.float() if value.is_floating_point() else value).numpy().copy()
        for name, value in values.items()
    }


def _packed(arrays: Mapping[str, Array], every: int = 1) -> dict[str, Packed]:
    """Keep all values of arrays, or each n-th."""
    return {
        name: Packed(array.shape, every, np.ravel(array)[::every]) for name, array in arrays.items()
    }


def _size(name: str, array: Array) -> int:
    return len(name) + OVERHEAD + 4 * math.ceil(array.nbytes / 3)
