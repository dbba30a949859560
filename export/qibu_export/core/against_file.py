"""Two files of one model, stepped side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qibu.core.arrays import Array
from qibu.core.errors import VerificationError
from qibu.core.port import Port
from qibu.core.state import State
from qibu.core.stepper import Stepper

STEPS = 28
LIMIT = 1e-5  # float32, of values up to 1 and of a share of larger ones; see `_limit` for 8 bits


@dataclass(frozen=True)
class Equality:
    """The largest difference that was found."""

    difference: float
    limit: float

    def __str__(self) -> str:
        return (
            f"max |made - model| over {STEPS} steps: {self.difference:.1e} (limit {self.limit:g})"
        )


def want_equal(
    model: Stepper,
    made: Stepper,
    seed: int = 0,
    *,
    sizes: Mapping[str, Sequence[int]] | None = None,
    constants: Mapping[str, Array] | None = None,
) -> Equality:
    """Step a model and what was made of it from random states, one sequence.

    Args:
        model: any file.
        made: has the model's inputs or some of them, and some of its outputs.
        seed: of the random numbers.
        sizes: of inputs in one step; what is not said and free is 1.
        constants: inputs that are the same in every step.

    Raises:
        VerificationError: an output or state differs by more than the limit, or is not finite.
    """
    generator = np.random.default_rng(seed)
    limit, difference = _limit(model), 0.0
    inputs = sample_inputs(model, generator, sizes)
    here, there = (s.state_from(_states(s, seed)) if s.pairs else None for s in (model, made))
    for given in inputs:
        feeds = model.fit({**given, **(constants or {})}, model.fixed_batch or 1)
        wanted, here = _step(model, feeds, here)
        found, there = _step(made, {name: feeds[name] for name in made.inputs}, there)
        for key in found:
            off = _off(found[key], wanted[key])
            if not off <= limit:
                raise VerificationError(
                    f"{made.path.name} does not compute what {model.path.name} does: {key} is off "
                    f"by {off:.1e} (limit {limit:g})"
                )
            difference = max(difference, off)
    return Equality(difference, limit)


def _limit(model: Stepper) -> float:
    """Give how far off the other may be; a network of somebody's own may have float32 parts."""
    spec = model.spec
    if spec is None or spec.quantization != "int8":
        return LIMIT
    if spec.task is not None:
        return 0.0
    return LIMIT if spec.trace is None else max(LIMIT, spec.trace.tolerance)


def sample_inputs(
    model: Stepper,
    generator: np.random.Generator,
    sizes: Mapping[str, Sequence[int]] | None = None,
) -> list[dict[str, Array]]:
    """Give random inputs for some steps of one sequence, where the file can't be stepped for one.

    Whole numbers keep below the largest that the file's own trace feeds, for they may be places in
    a table.

    Args:
        model: any file.
        generator: of the random numbers.
        sizes: of inputs in one step; what is not said and free is 1.
    """
    spec = model.spec
    defaults = spec.defaults if spec else {}
    trace = spec.trace.steps if spec and spec.trace else ()
    fed = [step["inputs"] for step in trace]

    def one(port: Port) -> Array:
        shapes = [step[port.name].shape for step in fed if port.name in step]
        shape = (sizes or {}).get(port.name) or [
            size if size is not None else 1 if model.pairs or not shapes else shapes[0][axis]
            for axis, size in enumerate(port.shape)
        ]
        if np.dtype(port.dtype).kind == "f":
            return generator.random(shape).astype(port.dtype)
        largest = max(
            (int(step[port.name].values.max()) for step in fed if port.name in step), default=1
        )
        return generator.integers(0, largest + 1, shape).astype(port.dtype)

    ports = [port for name, port in model.inputs.items() if name not in defaults]
    return [{port.name: one(port) for port in ports} for _ in range(STEPS if model.pairs else 1)]


def _off(found: Array, wanted: Array) -> float:
    """Give the largest difference, of values up to 1, and as a share of larger ones."""
    if not wanted.size:
        return 0.0
    a, b = found.astype(np.float64), wanted.astype(np.float64)
    with np.errstate(invalid="ignore"):
        off = np.where(a == b, 0.0, np.abs(a - b) / np.maximum(1, np.abs(b)))
    return float(off.max())


def _states(stepper: Stepper, seed: int) -> dict[str, Array]:
    """Give states as training leaves them, within -1..1, alike for alike names."""
    generator = np.random.default_rng(seed)
    return {
        pair.input: generator.uniform(-1, 1, pair.shape_for(1)).astype(pair.dtype)
        for pair in sorted(stepper.pairs, key=lambda pair: pair.input)
    }


def _step(
    stepper: Stepper, inputs: dict[str, Array], state: State | None
) -> tuple[dict[str, Array], State | None]:
    if state is None:
        return stepper.run(inputs), None
    outputs, after = stepper.step(inputs, state)
    return {**outputs, **after}, after
