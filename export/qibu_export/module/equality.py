"""Nothing is believed until it is compared: the file against the module, whole and stepped."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from qibu.core.errors import InputError, VerificationError

from ..core.against_torch import ROUNDING
from .carrier import Tensors
from .discovery import Plan
from .failures import NOT_FINITE, first_line
from .samples import RANGES
from .stepping import LIMIT, Run, cases, difference, run_stepped, sizes_of


@dataclass(frozen=True)
class ModuleVerification:
    """What was compared, and the largest difference found, beside its limit."""

    difference: float
    where: str
    comparisons: int
    limit: float = LIMIT
    loss: str = ""  # what 8 bits cost, in words

    def __str__(self) -> str:
        return (
            f"max |onnx - torch| over {self.comparisons} comparisons: {self.difference:.1e} "
            f"({self.where}; limit {self.limit:.2g}, relative above 1)"
            + (f"; in 8 bits {self.loss}" if self.loss else "")
        )


def onnx_run(path: Path, plan: Plan) -> Run:
    """Open a file in onnxruntime, as one that advances states."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's classes are hidden
        raise VerificationError(f"onnxruntime can't open the file: {first_line(error)}") from error
    results = plan.carrier.request.results
    states = plan.carrier.states

    def run(inputs: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> tuple[Tensors, Tensors]:
        feeds = {name: value.numpy() for name, value in {**inputs, **given}.items()}
        values = session.run([*results, *(state.output for state in states)], feeds)
        found = [torch.from_numpy(np.asarray(value)) for value in values]
        after = found[len(results) :]
        return (
            dict(zip(results, found[: len(results)], strict=True)),
            {state.input: value for state, value in zip(states, after, strict=True)},
        )

    return run


def verify_module(original: nn.Module, plan: Plan, path: Path) -> ModuleVerification:
    """Compare a file with the module that it was made of.

    The module itself, as it was before any stand-in, reads whole sequences in float64 where it can
    and is the reference of the results; the stand-ins in float64 are that of the states. Against
    them stand onnxruntime reading at once and onnxruntime step by step.

    Args:
        original: a copy in eval mode.
        plan: how to feed it, with the stand-ins.
        path: of the file.

    Raises:
        VerificationError: something differs by more than the limit, or is not finite.
        InputError: the module gives no finite numbers to compare.
    """
    request = plan.carrier.request
    onnx, exact = onnx_run(path, plan), plan.exact
    reference = _Reference(original, plan)
    worst, failed = ModuleVerification(0.0, "", 0), dict[str, str]()
    comparisons = 0
    for batch, steps in cases(plan):
        generator = torch.Generator().manual_seed(batch * 1000 + steps)
        inputs, wanted = _finite(plan, reference, batch, steps, generator)
        limit = LIMIT
        if reference.dtype is torch.float64:
            rounded, _ = plan.carrier.run(inputs, plan.carrier.start(batch))
            limit = max(limit, *(ROUNDING * difference(rounded[n], wanted[n]) for n in wanted))
        start = plan.carrier.start(batch)
        twin, last = exact.run(inputs, exact.start(batch))
        found = {"stand-ins": (twin, last), "onnxruntime whole": onnx(inputs, start)}
        if request.streaming and plan.carrier.states:
            found["onnxruntime stepped"] = run_stepped(onnx, plan, inputs, start, steps)
        for way, (results, states) in found.items():
            for name, value in {**results, **states}.items():
                comparisons += 1
                off = difference(value, wanted[name] if name in wanted else last[name])
                text = f"{way}, {name}, batch {batch}, {steps} steps"
                if not off <= limit:
                    failed.setdefault(name, f"{text}: {off:.1e}")
                if not off / limit <= worst.difference / worst.limit:
                    worst = ModuleVerification(off, text, 0, limit)
    if failed:
        raise VerificationError(
            "the file does not compute what the module does (no file was written): "
            + "; ".join(failed.values())
            + f"; limit {worst.limit:.2g}, relative above 1"
        )
    return ModuleVerification(worst.difference, worst.where, comparisons, worst.limit)


def _finite(
    plan: Plan, reference: "_Reference", batch: int, steps: int, generator: torch.Generator
) -> tuple[Tensors, Tensors]:
    """Draw inputs for which the module gives numbers."""
    for kind in RANGES[RANGES.index(plan.samples.range) :]:
        plan.samples.range = kind
        inputs = plan.samples.draw(sizes_of(plan, batch, steps), generator)
        wanted = reference(inputs, batch)
        if all(bool(value.isfinite().all()) for value in wanted.values()):
            return inputs, wanted
    raise InputError(NOT_FINITE)


class _Reference:
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
            self(inputs, 1)
        except Exception:  # forward makes float32 tensors of its own
            self._use(original, torch.float32)

    def _use(self, model: nn.Module, dtype: torch.dtype) -> None:
        self.model, self.dtype = model.to(dtype), dtype
        self.buffers = {name: value.clone() for name, value in self.model.named_buffers()}

    @torch.no_grad()
    def __call__(self, inputs: Tensors, batch: int) -> Tensors:
        if not self.by_rows or batch == 1:
            return self._run(inputs, batch)
        axes = self.plan.samples.axes
        rows = [
            {
                name: value.narrow(axes[name].index("batch"), row, 1)
                if "batch" in axes[name]
                else value
                for name, value in inputs.items()
            }
            for row in range(batch)
        ]
        found = [self._run(row, 1) for row in rows]
        return {
            name: torch.cat([one[name] for one in found], symbols.index("batch"))
            if "batch" in symbols
            else found[-1][name]
            for name, symbols in self.plan.output_axes.items()
        }

    def _run(self, inputs: Tensors, batch: int) -> Tensors:
        for name, value in self.buffers.items():
            path, _, own = name.rpartition(".")
            self.model.get_submodule(path)._buffers[own] = value.clone()
        request = self.plan.carrier.request
        given = {
            state.input: state.first(batch, self.dtype)
            for state in self.plan.carrier.states
            if state.source is None
        }
        values = {
            name: value.to(self.dtype) if value.is_floating_point() else value
            for name, value in {**inputs, **given}.items()
        }
        found = request.call(self.model, values)
        return {name: found[name] for name in request.results}
