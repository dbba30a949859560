"""Which axis of a state is the batch: tried out, the likeliest first."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from .places import Observation
from .request import BATCH, Axes, Request


def layouts(request: Request, buffers: Mapping[str, Tensor]) -> Iterator[dict[str, Axes]]:
    """Give what the axes of states and buffers may be, the likeliest first."""
    batch = request.sizes.get(BATCH)
    choices: dict[str, list[Axes]] = {}
    for name in request.states:
        if name not in request.axes:
            example = request.inputs[name]
            order = [1, 0, 2] if example.dim() == 3 else list(range(example.dim()))
            choices[name] = _choices(example, order, batch)
    for name, value in buffers.items():
        choices[name] = _choices(value, [0] if value.dim() else [], batch)
    for chosen in itertools.product(*choices.values()):
        yield dict(zip(choices, chosen, strict=True))


def _choices(tensor: Tensor, order: Sequence[int], batch: int | None) -> list[Axes]:
    fixed: Axes = (None,) * tensor.dim()
    found = [
        (*fixed[:axis], BATCH, *fixed[axis + 1 :])
        for axis in order
        if batch is not None and tensor.shape[axis] in (batch, 1)
    ]
    return [*found, fixed]


def first_value(
    value: Tensor, axes: Axes, sizes: Mapping[str, int], generator: torch.Generator
) -> Tensor:
    """Give a state near its first value, another one in each run."""
    for axis, symbol in enumerate(axes):
        if symbol is not None:
            value = value.narrow(axis, 0, min(1, value.shape[axis]))
            if value.shape[axis] == 0:
                shape = [*value.shape[:axis], sizes[symbol], *value.shape[axis + 1 :]]
                value = value.new_zeros(shape)
            value = value.expand(
                *(sizes[symbol] if a == axis else n for a, n in enumerate(value.shape))
            )
    if not value.is_floating_point():
        return value.clone()
    return value + 0.1 * torch.rand(value.shape, generator=generator, dtype=value.dtype)


def fits_layout(runs: Sequence[Observation], request: Request, layout: Mapping[str, Axes]) -> bool:
    """Say whether each state comes out as it went in, but for axes that grow."""
    for run in runs:
        outs = {name: run.outputs[out] for name, out in request.states.items()}
        for name, value in {**outs, **run.buffers}.items():
            given = run.states[name]
            axes = {**request.axes, **layout}[name]
            if value.dtype != given.dtype or value.dim() != given.dim():
                return False
            if any(
                value.shape[axis] != given.shape[axis]
                for axis, symbol in enumerate(axes)
                if symbol in (None, BATCH)
            ):
                return False
    return True
