"""The golden trace of a text model: tokens drawn among classes, and poems under the rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from ..core.arrays import Array, Float32Array
from ..core.errors import InputError, VerificationError
from ..core.state import State
from ..core.stepper import Stepper
from ..quality.trace_format import TOLERANCES, bias_row, rounded, states_of
from ..text.sampling import Sampling
from ..text.seeded_random import uniform_numbers
from ..text.vocabulary import END, author_token, form_token, is_han
from .forms import LINE_END
from .poem_in_progress import start_course
from .poet import Poet
from .request import Wished

TOP = 5  # of the logits of a step, the largest are kept
SEEDS = range(1, 101)  # tried in turn for one whose draws stand
NEIGHBOURS = 16  # logits beside the model's own that must draw the same token


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


def sequences_of(poet: Poet) -> Iterator[dict[str, Any]]:
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
        yield {"name": name, **_first(poet, name, partial(_write, poet, prompt, plan, sampling))}


def _first(poet: Poet, name: str, write: Callable[[int], dict[str, Any] | None]) -> dict[str, Any]:
    """Give what the first seed writes whose draws stand."""
    for seed in SEEDS:
        written = write(seed)
        if written is not None:
            return written
    raise VerificationError(
        f"{poet.stepper.path.name} has no trace of {name!r}: no seed of {SEEDS[0]}..{SEEDS[-1]} "
        "draws the same tokens when the logits are a little off"
    )


def poems_of(poet: Poet) -> Iterator[dict[str, Any]]:
    """Write poems under the rules of their forms, where the model knows enough rhymes for them."""
    for form, start in (("七絕", ""), ("五律", ""), ("五絕", "白")):
        if form_token(form) in poet.vocabulary and all(c in poet.vocabulary for c in start):
            try:
                wished = Wished(form, {"start": start}, poet.classes)
            except InputError:  # too few rhymes
                continue
            yield _first(poet, form, partial(_compose, poet, wished, start))


def _compose(poet: Poet, wished: Wished, start: str, seed: int) -> dict[str, Any] | None:
    """Write a poem as `Poet.compose` does; None where a draw hangs on the logits' last digits."""
    stepper, vocabulary, sampling = poet.stepper, poet.vocabulary, Sampling()
    course, state = start_course(wished.brief, poet.classes), stepper.initial_state()
    pending, numbers = poet.prompt(wished.form.control), uniform_numbers(seed)
    bias = np.empty((1, len(vocabulary)), np.float32)
    while not course.done:
        given = course.slot(bias[0])
        if given is not None:
            course.accept(given, None)
            pending = [*pending, given]
            continue
        inputs = sampling.feeds(len(vocabulary)) | {
            "tokens": np.array([pending]),
            "bias": bias,
            "uniform": np.array([next(numbers)], np.float32),
        }
        outputs, after = stepper.step(inputs, state)
        token, logits = int(outputs["token"][0]), outputs["logits"][0]
        if not _stands(stepper, inputs, state, token):
            return None
        course.accept(token, partial(_itself, logits))
        state, pending = after, [token]
    text = vocabulary.decode(course.tokens)
    return {"form": wished.form.name, "start": start, "seed": seed, "text": text}


def _itself(logits: Float32Array) -> Float32Array:
    return logits


def _write(
    poet: Poet, prompt: Sequence[int], plan: Sequence[str], sampling: Sampling, seed: int
) -> dict[str, Any] | None:
    """Draw a token for every class in the plan and put the marks between.

    Returns:
        The sequence; None where one of its tokens hangs on the last digits of the logits.
    """
    stepper, vocabulary = poet.stepper, poet.vocabulary
    feeds = sampling.feeds(len(vocabulary))
    known, numbers, state = classes(poet), uniform_numbers(seed), stepper.initial_state()
    pending = list(prompt)
    written: list[int] = []
    steps: list[dict[str, Any]] = []
    for name in plan:
        if name not in known:  # a mark that the form gives
            pending, written = [*pending, vocabulary.id(name)], [*written, vocabulary.id(name)]
            continue
        inputs = feeds | {
            "tokens": np.array([pending]),
            "bias": bias_row(known[name], len(vocabulary)),
            "uniform": np.array([next(numbers)], np.float32),
        }
        outputs, after = stepper.step(inputs, state)
        token, logits = int(outputs["token"][0]), outputs["logits"][0]
        if not _stands(stepper, inputs, state, token):
            return None
        top = np.argsort(-logits, kind="stable")[:TOP]
        steps.append(
            {
                "tokens": pending,
                "class": name,
                "uniform": float(inputs["uniform"][0]),
                "token": token,
                "top": {"tokens": top.tolist(), "logits": rounded(logits[top])},
            }
        )
        state, pending, written = after, [token], [*written, token]
        if token == vocabulary.id(END):
            break
    return {
        "seed": seed,
        "sampling": {key: value[0].item() for key, value in feeds.items()},
        "steps": steps,
        "text": vocabulary.decode(written),
        "states": states_of(stepper, state),
    }


def _stands(stepper: Stepper, inputs: Mapping[str, Array], state: State, token: int) -> bool:
    """Say whether logits that are a little off draw the same token; the bias adds what is off."""
    assert stepper.spec is not None  # a Poet's stepper
    noise = np.random.default_rng(0).uniform(-1, 1, (NEIGHBOURS, inputs["bias"].shape[1]))
    noise *= float(TOLERANCES[stepper.spec.quantization]["draw"])
    repeated = {name: np.repeat(inputs[name], NEIGHBOURS, 0) for name in ("tokens", "uniform")}
    bias = (inputs["bias"] + noise).astype(np.float32)
    outputs, _ = stepper.step({**inputs, **repeated, "bias": bias}, state.fork(NEIGHBOURS))
    return bool((outputs["token"] == token).all())
