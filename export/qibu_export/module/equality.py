"""Nothing is believed until it is compared: the file against the module, whole and stepped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from qibu.core.arrays import Array
from qibu.core.errors import InputError, VerificationError
from qibu.quality.catalogue import read_spec

from .carrier import Tensors
from .discovery import Plan
from .failures import NOT_FINITE, first_line
from .reference import Reference
from .request import batch_of
from .samples import RANGES
from .stepping import LIMIT, Run, cases, difference, mean_difference, run_stepped, sizes_of

# where torch's own float32 is far from float64, the network itself makes rounding grow, and no file
# can do better: after as many steps it may then be this many times as far as torch
ROUNDING = 4.0


@dataclass(frozen=True)
class Yardstick:
    """How a file is held against torch: what of the differences counts, and how far it may go."""

    kind: str
    off: Callable[[Tensor, Tensor], float]
    limit: float
    grows: bool  # where torch's own rounding does


EXACT = Yardstick("max", difference, LIMIT, grows=True)
# 8 bits are coarse, 0.16 off in an LSTM of 512, and a gate in the wrong place costs 0.36 and more;
# what is finer shows in float32, and in what is measured
COARSE = Yardstick("mean", mean_difference, 0.2, grows=False)


@dataclass(frozen=True)
class ModuleVerification:
    """What was compared, and the largest difference found, beside its limit."""

    difference: float
    where: str
    comparisons: int
    limit: float = LIMIT
    kind: str = EXACT.kind
    loss: str = ""  # what 8 bits cost, in words

    def __str__(self) -> str:
        grown = f": torch's own float32 is {self.limit / ROUNDING:.1e} off"
        return (
            f"{self.kind} |onnx - torch| over {self.comparisons} comparisons: "
            f"{self.difference:.1e} ({self.where}; limit {self.limit:.2g}"
            f"{grown if self.kind == EXACT.kind and self.limit > LIMIT else ''}, relative above 1)"
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
    more = _defaults(session, path)

    def run(inputs: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> tuple[Tensors, Tensors]:
        feeds = {name: value.numpy() for name, value in {**inputs, **given}.items()}
        feeds |= more(batch_of(inputs, plan.samples.axes))
        values = session.run([*results, *(state.output for state in states)], feeds)
        found = [torch.from_numpy(np.asarray(value)) for value in values]
        after = found[len(results) :]
        return (
            dict(zip(results, found[: len(results)], strict=True)),
            {state.input: value for state, value in zip(states, after, strict=True)},
        )

    return run


def _defaults(
    session: onnxruntime.InferenceSession, path: Path
) -> Callable[[int], dict[str, Array]]:
    """Give what fills, for a batch, the inputs that a file may be run without."""
    defaults = read_spec(path).defaults
    ports = [port for port in session.get_inputs() if port.name in defaults]

    def fill(batch: int) -> dict[str, Array]:
        return {
            port.name: np.full(
                [size if isinstance(size, int) else batch for size in port.shape],
                defaults[port.name],
                np.int64 if port.type == "tensor(int64)" else np.float32,
            )
            for port in ports
        }

    return fill


def verify_module(
    original: nn.Module, plan: Plan, path: Path, yardstick: Yardstick = EXACT
) -> ModuleVerification:
    """Compare a file with the module that it was made of.

    The module itself, as it was before any stand-in, reads whole sequences in float64 where it can
    and is the reference of the results; the stand-ins in float64 are that of the states. Against
    them stand onnxruntime reading at once and onnxruntime step by step.

    Args:
        original: a copy in eval mode.
        plan: how to feed it, with the stand-ins.
        path: of the file.
        yardstick: `COARSE` for one in 8 bits.

    Raises:
        VerificationError: something differs by more than the limit, or is not finite.
        InputError: the module gives no finite numbers to compare.
    """
    reference, onnx = Reference(original, plan), onnx_run(path, plan)
    worst = ModuleVerification(0.0, "", 0, yardstick.limit, yardstick.kind)
    failed = dict[str, str]()
    comparisons = 0
    made = [_case(plan, reference, onnx, batch, steps) for batch, steps in cases(plan)]
    limits = {case.steps: yardstick.limit for case in made}
    if yardstick.grows and reference.dtype is torch.float64:
        for case in made:
            limits[case.steps] = max(limits[case.steps], ROUNDING * _rounding(plan, case))
    for case in made:
        limit = limits[case.steps]
        for way, values in case.found.items():
            for name, value in values.items():
                comparisons += 1
                off = yardstick.off(value, case.wanted[name])
                text = f"{way}, {name}, batch {case.batch}, {case.steps} steps"
                if not off <= limit:
                    failed.setdefault(name, f"{text}: {off:.1e}; limit {limit:.2g}")
                if not off / limit <= worst.difference / worst.limit:
                    worst = replace(worst, difference=off, where=text, limit=limit)
    if failed:
        raise VerificationError(
            "the file does not compute what the module does: "
            + "; ".join(failed.values())
            + ", relative above 1"
        )
    return replace(worst, comparisons=comparisons)


@dataclass(frozen=True)
class _Case:
    """One batch and number of steps: what float64 gives, and what the ways to be judged gave."""

    batch: int
    steps: int
    inputs: Tensors
    start: Tensors
    wanted: Tensors  # results, and states by their inputs' names
    found: Mapping[str, Tensors]


def _case(plan: Plan, reference: Reference, onnx: Run, batch: int, steps: int) -> _Case:
    generator = torch.Generator().manual_seed(batch * 1000 + steps)
    start = reference.start(batch, generator)
    inputs, wanted = _finite(plan, reference, start, batch, steps, generator)
    twin, last = plan.exact.run(inputs, start)
    found = {"stand-ins": (twin, last), "onnxruntime whole": onnx(inputs, start)}
    if plan.carrier.request.streaming and plan.carrier.states:
        found["onnxruntime stepped"] = run_stepped(onnx, plan, inputs, start, steps)
    joined = {way: {**results, **states} for way, (results, states) in found.items()}
    return _Case(batch, steps, inputs, start, {**last, **wanted}, joined)


def _rounding(plan: Plan, case: _Case) -> float:
    """Give how far torch in float32 is off."""
    results, states = plan.carrier.run(case.inputs, case.start)
    return max(difference(v, case.wanted[n]) for n, v in {**results, **states}.items())


def _finite(
    plan: Plan,
    reference: Reference,
    start: Tensors,
    batch: int,
    steps: int,
    generator: torch.Generator,
) -> tuple[Tensors, Tensors]:
    """Draw inputs for which the module gives numbers."""
    for kind in RANGES[RANGES.index(plan.samples.range) :]:
        plan.samples.range = kind
        inputs = plan.samples.draw(sizes_of(plan, batch, steps), generator)
        wanted = reference(inputs, start, batch)
        if all(bool(value.isfinite().all()) for value in wanted.values()):
            return inputs, wanted
    raise InputError(NOT_FINITE)
