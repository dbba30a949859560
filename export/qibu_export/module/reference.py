"""The module as it was before any stand-in: what its file is held against."""

import copy

import torch
from torch import nn

from .carrier import Tensors
from .discovery import Plan
from .request import BATCH
from .stepping import sizes_of


class Reference:
    """The module as it was, reading whole sequences from its first states."""

    def __init__(self, original: nn.Module, plan: Plan) -> None:
        self.plan = plan
        self.by_rows = any(
            isinstance(state.source, str) and state.batch_axis is not None
            for state in plan.carrier.states
        )
        self._use(copy.deepcopy(original), torch.float64)
        inputs = plan.samples.draw(sizes_of(plan, 1, 1), torch.Generator().manual_seed(0))
        try:
            self(inputs, plan.carrier.start(1), 1)
        except Exception:  # forward makes float32 tensors of its own
            self._use(original, torch.float32)

    def _use(self, model: nn.Module, dtype: torch.dtype) -> None:
        self.model, self.dtype = model.to(dtype), dtype
        self.buffers = {name: value.clone() for name, value in self.model.named_buffers()}

    def start(self, batch: int, generator: torch.Generator) -> Tensors:
        """Give the states to begin with: numbers within -1..1 where forward takes any.

        From zeros a wrong weight or gate shows less.
        """
        first = self.plan.carrier.start(batch)
        states = self.plan.carrier.states
        if any(s.source is not None or not s.initial.is_floating_point() for s in states):
            return first
        drawn = {
            name: torch.rand(value.shape, generator=generator) * 2 - 1
            for name, value in first.items()
        }
        inputs = self.plan.samples.draw(sizes_of(self.plan, batch, 1), generator)
        try:
            found = self(inputs, drawn, batch)
        except Exception:  # forward wants other numbers
            return first
        return drawn if all(bool(value.isfinite().all()) for value in found.values()) else first

    @torch.no_grad()
    def __call__(self, inputs: Tensors, start: Tensors, batch: int) -> Tensors:
        """Give the results for these inputs and first states."""
        if not self.by_rows or batch == 1:
            return self._run(inputs, start)
        axes = self.plan.samples.axes
        rows = [
            {
                name: value.narrow(axes[name].index(BATCH), row, 1)
                if BATCH in axes[name]
                else value
                for name, value in inputs.items()
            }
            for row in range(batch)
        ]
        first = self.plan.carrier.start(1)  # of buffers: all begin alike
        found = [self._run(row, first) for row in rows]
        return {
            name: torch.cat([one[name] for one in found], symbols.index(BATCH))
            if BATCH in symbols
            else found[-1][name]
            for name, symbols in self.plan.output_axes.items()
        }

    def _run(self, inputs: Tensors, start: Tensors) -> Tensors:
        for name, value in self.buffers.items():
            path, _, own = name.rpartition(".")
            self.model.get_submodule(path)._buffers[own] = value.clone()
        request = self.plan.carrier.request
        given = {
            state.input: start[state.input]
            for state in self.plan.carrier.states
            if state.source is None
        }
        values = {
            name: value.to(self.dtype) if value.is_floating_point() else value
            for name, value in {**inputs, **given}.items()
        }
        found = request.call(self.model, values)
        return {name: found[name] for name in request.results}
