"""The file's own test: a few steps with what goes in and comes out, small enough to travel."""

import base64
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qibu.core.arrays import Array

from .discovery import Plan
from .stepping import sizes_of, split_steps

STEPS = 4
MOST_BYTES = 64 * 1024  # of the trace as text
OVERHEAD = 120  # bytes of an array's description


def write_array(array: Array, every: int = 1) -> dict[str, Any]:
    """Give an array as JSON: little-endian values in base64, all or each n-th."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    kept = little.reshape(-1)[::every]
    document: dict[str, Any] = {"dtype": array.dtype.name, "shape": list(array.shape)}
    if every > 1:
        document["every"] = every
    return {**document, "data": base64.b64encode(kept.tobytes()).decode("ascii")}


def golden_trace(plan: Plan, tolerance: float) -> dict[str, Any] | None:
    """Give a few steps from the first states, as torch computes them; None if none fits.

    Args:
        plan: the verified module.
        tolerance: within which another runtime must agree, relative above 1.
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
        outputs = {state.output: states[state.input] for state in carrier.states}
        last = _arrays(outputs)
        given = sum(_size(a) for ins, _ in written for a in ins.values())
        found = [a for _, outs in written for a in outs.values()] + list(last.values())
        room = MOST_BYTES - given - OVERHEAD * len(found)
        if room < 4 * len(found) * 8:
            continue
        every = max(1, math.ceil(sum(_size(a) - OVERHEAD for a in found) / room))
        return {
            "steps": [
                {
                    "inputs": {name: write_array(a) for name, a in ins.items()},
                    "outputs": {name: write_array(a, every) for name, a in outs.items()},
                }
                for ins, outs in written
            ],
            "states": {name: write_array(a, every) for name, a in last.items()},
            "tolerance": tolerance,
        }
    return None


def _arrays(values: dict[str, Tensor]) -> dict[str, Array]:
    """Give tensors as arrays, in float32."""
    return {
        name: (value.float() if value.is_floating_point() else value).numpy().copy()
        for name, value in values.items()
    }


def _size(array: Array) -> int:
    return OVERHEAD + 4 * math.ceil(array.nbytes / 3)
