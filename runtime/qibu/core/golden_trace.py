"""A file's own test: some steps that it carries, so that any machine can prove what it computes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Array
from .errors import InputError, ModelFileError, VerificationError
from .model_file import GoldenTrace
from .packed import Packed
from .state import State
from .stepper import Stepper

VALUES = 64  # of an output or a state, at most so many values are kept


@dataclass(frozen=True)
class TraceResult:
    """How well a file agrees with its own trace."""

    steps: int
    difference: float  # the largest, of values up to 1, else as a share
    where: str
    tolerance: float

    def __str__(self) -> str:
        return (
            f"{self.steps} {'step' if self.steps == 1 else 'steps'} as in the file's own trace: "
            f"at most {self.difference:.1e} off ({self.where}; limit {self.tolerance:g}, "
            "relative above 1)"
        )


def record_trace(
    stepper: Stepper, inputs: Sequence[Mapping[str, Array]], tolerance: float
) -> GoldenTrace:
    """Step a model and note what goes in and what comes out.

    Args:
        stepper: a model; one that can't be stepped reads each of the inputs as a whole.
        inputs: of each step, for one sequence (or as many as the file fixes).
        tolerance: how far another machine may be off, of values up to 1, and as a share above.
    """
    steps, after = _steps(stepper, inputs)
    return GoldenTrace(
        steps=tuple(
            {"inputs": _packed(given, None), "outputs": _packed(outputs, VALUES)}
            for given, outputs in zip(inputs, steps, strict=True)
        ),
        states={}
        if after is None
        else _packed({pair.output: after[pair.input] for pair in stepper.pairs}, VALUES),
        tolerance=tolerance,
    )


def check_own_trace(stepper: Stepper) -> TraceResult:
    """Hold a model to the trace that its file carries.

    Raises:
        ModelFileError: the file carries none, or one that its graph can't run.
        VerificationError: a value is off by more than the tolerance, or is not finite.
    """
    trace = stepper.spec.trace if stepper.spec else None
    if trace is None:
        raise ModelFileError(
            f"{stepper.path} carries no trace to be held to; `qibu export` writes one"
        )
    try:
        given = [
            {name: packed.array() for name, packed in step["inputs"].items()}
            for step in trace.steps
        ]
        outputs, after = _steps(stepper, given)
    except InputError as error:
        raise ModelFileError(f"{stepper.path}: its own trace can't be run: {error}") from error
    pairs = [
        (f"step {number}, {name}", packed, found.get(name))
        for number, (step, found) in enumerate(zip(trace.steps, outputs, strict=True), 1)
        for name, packed in step["outputs"].items()
    ]
    last = {} if after is None else {pair.output: after[pair.input] for pair in stepper.pairs}
    pairs += [
        (f"{name} at the end", packed, last.get(name)) for name, packed in trace.states.items()
    ]
    worst, where = 0.0, "nothing"
    for place, packed, found_array in pairs:
        if found_array is None or found_array.shape != packed.shape:
            shape = "none" if found_array is None else list(found_array.shape)
            raise VerificationError(f"{place}: {shape}, the trace has {list(packed.shape)}")
        off = _off(packed.of(found_array), packed.values)
        if not off <= trace.tolerance:
            raise VerificationError(
                f"{place} is off by {off:.1e}, at most {trace.tolerance:g} is allowed"
            )
        if off >= worst:
            worst, where = off, place
    return TraceResult(len(outputs), worst, where, trace.tolerance)


def _steps(
    stepper: Stepper, inputs: Sequence[Mapping[str, Array]]
) -> tuple[list[dict[str, Array]], State | None]:
    if not stepper.pairs:
        return [stepper.run(given) for given in inputs], None
    state, steps = stepper.initial_state(), []
    for given in inputs:
        outputs, state = stepper.step(given, state)
        steps.append(outputs)
    return steps, state


def _packed(arrays: Mapping[str, Array], at_most: int | None) -> dict[str, Packed]:
    packed = {}
    for name, array in arrays.items():
        every = 1 if at_most is None else max(1, -(-array.size // at_most))
        packed[name] = Packed(array.shape, every, np.ravel(array)[::every].copy())
    return packed


def _off(found: Array, wanted: Array) -> float:
    """Give the largest difference, relative where the wanted value is above 1; NaN where one is."""
    if not wanted.size:
        return 0.0
    if wanted.dtype.kind != "f":  # a number of a class or a token is right or wrong
        return 0.0 if np.array_equal(found, wanted) else np.inf
    a, b = found.astype(np.float64), wanted.astype(np.float64)
    with np.errstate(invalid="ignore"):
        off = np.where(a == b, 0.0, np.abs(a - b) / np.maximum(1, np.abs(b)))
    return float(off.max())
