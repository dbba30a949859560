"""What the golden traces of all text models have in common: sequences of drawn tokens."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ..core.arrays import Array, Float32Array
from ..core.errors import VerificationError
from ..core.stepper import Stepper
from ..quality.trace_format import Difference, Trace, off_by, state_differences, states_of
from .drawing import Logits, TextInProgress, draw
from .sampling import Sampling
from .steady_draws import SteadySteps, UnsteadyDraw
from .token_classes import fill
from .token_stream import TokenStepper
from .vocabulary import END, Vocabulary

SEEDS = range(1, 101)  # tried in turn for one whose draws stand

Ranges = Mapping[str, Sequence[Sequence[int]]]  # of tokens, by the name of their class


class Written(Protocol):
    """What writes texts: a writer, or one that keeps to rules."""

    def prompt(self) -> list[int]:
        """Give the tokens that a text begins with."""

    def specimen(self) -> list[int]:
        """Give some tokens that a text may have."""


def own_trace(model: Written) -> list[dict[str, Array]]:
    """Give a prompt and then some tokens of a text, one a step, for a file's own test."""
    steps = [model.prompt(), *([token] for token in model.specimen())]
    return [{"tokens": np.array([tokens], np.int64)} for tokens in steps if tokens]


def sequence_differences(stepper: Stepper, trace: Trace, sequence: Trace) -> Iterator[Difference]:
    """Step through a sequence of a trace; give how far every value is off.

    Raises:
        VerificationError: a token is another one.
    """
    steps = TokenStepper(stepper, stepper.initial_state(), Sampling(**sequence["sampling"]))
    for number, step in enumerate(sequence["steps"], 1):
        where = f"sequence {sequence['name']!r}, step {number}"
        fill(steps.bias[0], trace["classes"][step["class"]])
        uniform = np.array([step["uniform"]], np.float32)
        token = int(steps.step(np.array([step["tokens"]], np.int64), uniform)[0])
        top = step["top"]
        yield "logits", off_by(steps.logits[0, top["tokens"]], top["logits"]), where
        if token != step["token"]:
            raise VerificationError(f"{where}: token {token}, the trace has {step['token']}")
    yield from state_differences(stepper, steps.state, sequence)


def first_steady(
    stepper: Stepper, name: str, write: Callable[[int], dict[str, Any]]
) -> dict[str, Any]:
    """Give what the first seed writes whose draws stand.

    Raises:
        VerificationError: no seed does.
    """
    for seed in SEEDS:
        try:
            return write(seed)
        except UnsteadyDraw:
            continue
    raise VerificationError(
        f"{stepper.path.name} has no trace of {name!r}: no seed of {SEEDS[0]}..{SEEDS[-1]} "
        "draws the same tokens when the logits are a little off"
    )


def sequence(
    stepper: Stepper,
    vocabulary: Vocabulary,
    classes: Ranges,
    prompt: Sequence[int],
    plan: Sequence[str],
    sampling: Sampling,
    seed: int,
) -> dict[str, Any]:
    """Draw a token for every class in the plan and put the marks between.

    Raises:
        UnsteadyDraw: a token hangs on the last digits of the logits.
    """
    text, steps = _Planned(vocabulary, classes, plan), SteadySteps(stepper, sampling)
    take_to_its_end(text, steps, prompt, seed)
    feeds = sampling.feeds(len(vocabulary))
    return {
        "seed": seed,
        "sampling": {key: value[0].item() for key, value in feeds.items()},
        "steps": [
            {"tokens": note["tokens"], "class": name, **note}
            for name, note in zip(text.drawn_classes, steps.notes, strict=True)
        ],
        "text": vocabulary.decode(text.tokens),
        "states": states_of(stepper, steps.state),
    }


def take_to_its_end(
    text: TextInProgress, steps: SteadySteps, prompt: Sequence[int], seed: int
) -> None:
    """Draw all tokens of a text."""
    for _ in draw(steps, prompt, [text], [seed]):
        pass


class _Planned:
    """A text of which each token is drawn from a class, or is a mark."""

    def __init__(self, vocabulary: Vocabulary, classes: Ranges, plan: Sequence[str]) -> None:
        self.tokens: list[int] = []
        self.drawn_classes: list[str] = []
        self._vocabulary, self._classes, self._plan = vocabulary, classes, plan

    @property
    def done(self) -> bool:
        """Whether the plan is carried out, or the network has set an end."""
        ended = [self._vocabulary.token(token) for token in self.tokens[-1:]] == [END]
        return ended or len(self.tokens) == len(self._plan)

    def slot(self, bias: Float32Array) -> int | None:
        """Give the mark here, or allow the class."""
        name = self._plan[len(self.tokens)]
        if name not in self._classes:
            return self._vocabulary.id(name)
        self.drawn_classes.append(name)
        fill(bias, self._classes[name])
        return None

    def accept(self, token: int, logits: Logits | None) -> None:
        """Go on with a token."""
        self.tokens.append(token)
