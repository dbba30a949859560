"""A sequence at once and step by step, whoever computes it."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from .carrier import Tensors
from .discovery import Plan
from .request import BATCH, TIME

# advances by the inputs (first) from the states (second): the results, and the states after
Run = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], tuple[Tensors, Tensors]]

# of an output of 1 and less in size, relative above
LIMIT = 1e-5
BATCHES = (1, 2, 4)
TIMES = (1, 5, 11)  # in steps


def cases(plan: Plan) -> list[tuple[int, int]]:
    """Give the batches and numbers of steps to compare, only one where the axis isn't free."""
    sizes = plan.carrier.request.sizes
    batches = BATCHES if BATCH in sizes else (1,)
    times = TIMES if TIME in sizes else (1,)
    return [(batch, time) for batch in batches for time in times]


def sizes_of(plan: Plan, batch: int, steps: int) -> dict[str, int]:
    """Give the sizes of the free axes."""
    sizes = plan.carrier.request.sizes
    wanted = {BATCH: batch, TIME: steps * sizes.get(TIME, 1)}
    return {name: wanted.get(name, size) for name, size in sizes.items()}


def split_steps(plan: Plan, inputs: Mapping[str, Tensor], steps: int) -> list[Tensors]:
    """Cut the inputs into steps along their time; what has none goes into each."""
    parts: dict[str, list[Tensor]] = {}
    for name, value in inputs.items():
        axes = plan.samples.axes[name]
        if TIME in axes:
            parts[name] = list(value.chunk(steps, axes.index(TIME)))
        else:
            parts[name] = [value] * steps
    return [{name: part[step] for name, part in parts.items()} for step in range(steps)]


def run_stepped(
    run: Run, plan: Plan, inputs: Mapping[str, Tensor], states: Tensors, steps: int
) -> tuple[Tensors, Tensors]:
    """Run step by step, and join what comes out as the whole sequence would have it."""
    found: list[Tensors] = []
    for part in split_steps(plan, inputs, steps):
        results, states = run(part, states)
        found.append(results)
    joined: Tensors = {}
    for name, axes in plan.output_axes.items():
        pieces = [results[name] for results in found]
        joined[name] = torch.cat(pieces, axes.index(TIME)) if TIME in axes else pieces[-1]
    return joined, states


def difference(value: Tensor, wanted: Tensor) -> float:
    """Give the largest difference, as a share of what is above 1; infinite if shapes differ."""
    if value.shape != wanted.shape:
        return float("inf")
    if value.numel() == 0:
        return 0.0
    exact = wanted.double()
    return float(((value.double() - exact).abs() / exact.abs().clamp(min=1)).max())


def mean_difference(value: Tensor, wanted: Tensor) -> float:
    """Give the mean difference, as `difference`; of whole numbers, 0."""
    if value.shape != wanted.shape:
        return float("inf")
    if value.numel() == 0 or not wanted.is_floating_point():
        return 0.0
    exact = wanted.double()
    return float(((value.double() - exact).abs() / exact.abs().clamp(min=1)).mean())
