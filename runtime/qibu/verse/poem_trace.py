"""The golden trace of a poem model: tokens drawn among classes, and poems under the rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from ..core.arrays import Array, Float32Array
from ..core.errors import InputError, VerificationError
from ..quality.trace_format import Difference, Trace, off_by, state_differences, states_of
from ..text.drawing import Logits, TextInProgress, draw
from ..text.sampling import Sampling
from ..text.token_stream import TokenStepper
from ..text.vocabulary import END
from .forms import LINE_END, is_han
from .poem_in_progress import start_poem
from .poet import Poet
from .prompt import author_token, form_token
from .request import Request
from .steady_draws import SteadySteps, UnsteadyDraw

SEEDS = range(1, 101)  # tried in turn for one whose draws stand


def parts(poet: Poet) -> dict[str, Any]:
    """Give what a trace holds of a poem model: the classes, sequences and poems.

    Raises:
        VerificationError: no seed draws tokens that stand as much noise as a trace allows.
    """
    return {
        "classes": classes(poet),
        "sequences": list(_sequences(poet)),
        "poems": list(_poems(poet)),
    }


def differences(poet: Poet, trace: Trace) -> Iterator[Difference]:
    """Write a trace's poems and step through its sequences; give how far every value is off.

    Raises:
        VerificationError: a token or a poem is another one.
    """
    for poem in trace["poems"]:
        start, seed = poem["start"], poem["seed"]
        text = poet.compose(poem["form"], start=start, seed=seed, script="traditional").text
        if text != poem["text"]:
            raise VerificationError(
                f"{poem['form']}, seed {seed}: {text}, the trace has {poem['text']}"
            )
    for sequence in trace["sequences"]:
        yield from _sequence_differences(poet, trace, sequence)


def own_trace(poet: Poet) -> list[dict[str, Array]]:
    """Give a prompt and the characters of a line, then draws by the default: one a step."""
    line = [poet.vocabulary.get(character) for character in "白日依山盡，黃河入海流。"]
    steps = [poet.prompt(), *([token] for token in line)]
    return [{"tokens": np.array([tokens], np.int64)} for tokens in steps]


def _sequence_differences(poet: Poet, trace: Trace, sequence: Trace) -> Iterator[Difference]:
    stepper = poet.stepper
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


def classes(poet: Poet) -> dict[str, list[list[int]]]:
    """Name the sets of tokens that a step may draw, each as ranges of numbers, both ends in."""
    vocabulary = poet.vocabulary
    tests: Mapping[str, Callable[[str], bool]] = {
        "han": is_han,
        "line end": lambda token: token in tuple(LINE_END),
        "any": lambda token: is_han(token) or token in (*LINE_END, END),
    }
    found = {}
    for name, allows in tests.items():
        allowed = [n for n in range(len(vocabulary)) if allows(vocabulary.token(n))]
        runs = groupby(enumerate(allowed), lambda pair: pair[1] - pair[0])
        found[name] = [[run[0][1], run[-1][1]] for run in (list(group) for _, group in runs)]
    return found


def fill(bias: Float32Array, ranges: Sequence[Sequence[int]]) -> None:
    """Write the row of a class into a bias (vocabulary,): 0 where a token is allowed, or -inf."""
    bias.fill(-np.inf)
    for first, last in ranges:
        bias[first : last + 1] = 0


def _sequences(poet: Poet) -> Iterator[dict[str, Any]]:
    """Write a poem of a fixed form, the likeliest characters, and draws among all."""
    known = poet.names(form_token)
    form = "七絕" if "七絕" in known else None
    author = next(iter(poet.names(author_token)), None)
    whole = Sampling(temperature=1.2, top_k=0, top_p=1.0)
    line, couplet = ["han"] * 7 + ["，"], ["han"] * 7 + ["。"]
    for name, prompt, plan, sampling in (
        ("a poem", poet.prompt(form), [*line, *couplet, *line, *couplet], Sampling()),
        ("the likeliest", poet.prompt(None, author), ["any"] * 24, Sampling(top_k=1)),
        ("all", poet.prompt(None, None, "春夜", "skip"), ["han", "han", "line end"] * 3, whole),
    ):
        yield {"name": name, **_first(poet, name, partial(_sequence, poet, prompt, plan, sampling))}


def _poems(poet: Poet) -> Iterator[dict[str, Any]]:
    """Write poems under the rules of their forms, where the model knows enough rhymes for them."""
    for form, start in (("七絕", ""), ("五律", ""), ("五絕", "白")):
        if form_token(form) in poet.vocabulary and all(c in poet.vocabulary for c in start):
            try:
                request = Request(form, {"start": start}, poet.classes)
            except InputError:  # too few rhymes
                continue
            yield _first(poet, form, partial(_poem, poet, request, start))


def _first(poet: Poet, name: str, write: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    """Give what the first seed writes whose draws stand."""
    for seed in SEEDS:
        try:
            return write(seed)
        except UnsteadyDraw:
            continue
    raise VerificationError(
        f"{poet.stepper.path.name} has no trace of {name!r}: no seed of {SEEDS[0]}..{SEEDS[-1]} "
        "draws the same tokens when the logits are a little off"
    )


def _poem(poet: Poet, request: Request, start: str, seed: int) -> dict[str, Any]:
    """Write a poem as `Poet.compose` does."""
    poem = start_poem(request.brief, poet.classes)
    _take_to_its_end(
        poem, SteadySteps(poet.stepper, Sampling()), poet.prompt(request.form.control), seed
    )
    text = poet.vocabulary.decode(poem.tokens)
    return {"form": request.form.name, "start": start, "seed": seed, "text": text}


def _sequence(
    poet: Poet, prompt: Sequence[int], plan: Sequence[str], sampling: Sampling, seed: int
) -> dict[str, Any]:
    """Draw a token for every class in the plan and put the marks between."""
    text, steps = _Planned(poet, plan), SteadySteps(poet.stepper, sampling)
    _take_to_its_end(text, steps, prompt, seed)
    size = len(poet.vocabulary)
    return {
        "seed": seed,
        "sampling": {key: value[0].item() for key, value in sampling.feeds(size).items()},
        "steps": [
            {"tokens": note["tokens"], "class": name, **note}
            for name, note in zip(text.drawn_classes, steps.notes, strict=True)
        ],
        "text": poet.vocabulary.decode(text.tokens),
        "states": states_of(poet.stepper, steps.state),
    }


def _take_to_its_end(
    text: TextInProgress, steps: SteadySteps, prompt: Sequence[int], seed: int
) -> None:
    for _ in draw(steps, prompt, [text], [seed]):
        pass


class _Planned:
    """A text of which each token is drawn from a class, or is a mark."""

    def __init__(self, poet: Poet, plan: Sequence[str]) -> None:
        self.tokens: list[int] = []
        self.drawn_classes: list[str] = []
        self._plan, self._classes, self._vocabulary = plan, classes(poet), poet.vocabulary

    @property
    def done(self) -> bool:
        """Whether the plan is carried out, or the network has set an end."""
        ended = self.tokens[-1:] == [self._vocabulary.id(END)]
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
