"""Two files of one model, stepped side by side."""

from dataclasses import dataclass

import numpy as np

from qibu.core.arrays import Array
from qibu.core.errors import VerificationError
from qibu.core.state import State
from qibu.core.stepper import Stepper

STEPS = 28
LIMIT = 1e-5  # float32, of values up to 1 and of a share of larger ones; 8 bits must be equal


@dataclass(frozen=True)
class Equality:
    """The largest difference that was found."""

    difference: float
    limit: float

    def __str__(self) -> str:
        return (
            f"max |made - model| over {STEPS} steps: {self.difference:.1e} (limit {self.limit:g})"
        )


def want_equal(model: Stepper, made: Stepper, seed: int = 0) -> Equality:
    """Step a model and what was made of it from random states, batch 1.

    Args:
        model: a file of Qibu's.
        made: has the model's inputs, or all but those of the sampler, and some of its outputs.
        seed: of the random numbers.

    Raises:
        VerificationError: an output or state differs by more than the limit, or is not finite.
    """
    spec = model.spec
    assert spec is not None  # the caller's files are Qibu's
    generator = np.random.default_rng(seed)
    inputs: dict[str, Array]
    if spec.vocabulary:
        inputs = {"tokens": generator.integers(0, len(spec.vocabulary), (1, STEPS))}
    else:
        inputs = {"rows": generator.random((1, STEPS, 28), np.float32)}
    limit, difference = 0.0 if spec.quantization == "int8" else LIMIT, 0.0
    states = {
        pair.input: generator.uniform(-1, 1, pair.shape_for(1)).astype(np.float32)
        for pair in model.pairs
    }
    ((name, sequence),) = inputs.items()
    parts = np.split(sequence, STEPS, 1) if spec.streaming else [sequence]
    here, there = (State(states, s.pairs, s.model) if s.pairs else None for s in (model, made))
    for part in parts:
        wanted, here = _step(model, {name: part}, here)
        found, there = _step(made, {name: part}, there)
        for key in found:
            size = np.maximum(1, np.abs(wanted[key]))
            off = float((np.abs(found[key] - wanted[key]) / size).max())
            if not off <= limit:
                raise VerificationError(
                    f"{made.path.name} does not compute what {model.path.name} does: {key} is off "
                    f"by {off:.1e} (limit {limit:g})"
                )
            difference = max(difference, off)
    return Equality(difference, limit)


def _step(
    stepper: Stepper, inputs: dict[str, Array], state: State | None
) -> tuple[dict[str, Array], State | None]:
    if state is None:
        return stepper.run(inputs), None
    outputs, after = stepper.step(inputs, state)
    return {**outputs, **after}, after
