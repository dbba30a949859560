"""A file in 8 bits: made of the verified float32 graph, stepped, measured, or not written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch

from qibu.core.errors import VerificationError
from qibu.core.golden_trace import record_trace
from qibu.core.model_file import GoldenTrace
from qibu.core.stepper import Stepper

from .compact_weights import compact_weights
from .discovery import Plan
from .equality import onnx_run
from .exactness import inexact_values, rounds_inexact
from .int8_layers import to_int8
from .stepping import LIMIT, cases, difference, run_stepped, sizes_of
from .trace import TOLERANCE

# where a value's last digit differs it may be rounded to the next of 255 steps, and such steps
# add up over a row of weights
FLIPPED = 0.05


@dataclass(frozen=True)
class Quantiser:
    """How a graph gets its 8 bits, and what the file says of it."""

    make: Callable[[onnx.ModelProto, frozenset[str]], onnx.ModelProto]
    quantization: str


QUANTISERS: Mapping[str, Quantiser] = {
    "int8": Quantiser(to_int8, "int8"),
    "int8-weights": Quantiser(lambda model, bounded: compact_weights(model), "int8 weights"),
}
PRECISIONS = ("float32", *QUANTISERS)


@dataclass(frozen=True)
class Bounds:
    """How far a value of a quantised file may be off between two ways of computing it."""

    inexact: frozenset[str]  # the outputs whose last digits may differ
    limit: float  # of those, relative above 1

    def of(self, name: str) -> float:
        """Give the limit of an output: whole numbers are the same to the bit."""
        return self.limit if name in self.inexact else 0.0

    @property
    def tolerance(self) -> float:
        """How far the file's trace may be off on another machine."""
        return max(TOLERANCE, self.limit) if self.inexact else LIMIT


def bounds_of(graph: onnx.GraphProto, plan: Plan, limit: float) -> Bounds:
    """Say which outputs have the same bits wherever they are computed.

    Args:
        graph: of the quantised file.
        plan: its states.
        limit: that of the float32 file.
    """
    states = {state.input: state.output for state in plan.carrier.states}
    inexact = inexact_values(graph, states)
    flips = rounds_inexact(graph, inexact)
    outputs = {value.name for value in graph.output}
    return Bounds(frozenset(inexact & outputs), FLIPPED if flips else limit)


def check_stepping(path: Path, plan: Plan, bounds: Bounds) -> None:
    """Hold a quantised file's steps against the whole sequence.

    Raises:
        VerificationError: they differ by more than the bounds, or are not finite.
    """
    if not plan.carrier.states:
        return
    run = onnx_run(path, plan)
    outputs = {state.input: state.output for state in plan.carrier.states}
    for batch, steps in cases(plan):
        generator = torch.Generator().manual_seed(batch * 1000 + steps)
        inputs = plan.samples.draw(sizes_of(plan, batch, steps), generator)
        start = plan.carrier.start(batch)
        whole, last = run(inputs, start)
        stepped, after = run_stepped(run, plan, inputs, start, steps)
        wanted = {**whole, **last}
        for name, value in {**stepped, **after}.items():
            name_out = outputs.get(name, name)
            off, limit = difference(value, wanted[name]), bounds.of(name_out)
            if not off <= limit:
                raise VerificationError(
                    "the file in 8 bits steps otherwise than it reads at once (no file was "
                    f"written): {name_out}, batch {batch}, {steps} steps: {off:.1e}; limit "
                    f"{limit:.2g}, relative above 1"
                )


def own_trace(path: Path, trace: GoldenTrace | None, bounds: Bounds) -> GoldenTrace | None:
    """Give the trace of a quantised file: the inputs of torch's, and what the file makes of them.

    Args:
        path: of the file.
        trace: that of the float32 file.
        bounds: how far another machine may be off.
    """
    if trace is None:
        return None
    steps = [{n: packed.array() for n, packed in step["inputs"].items()} for step in trace.steps]
    return record_trace(Stepper(path), steps, bounds.tolerance)
