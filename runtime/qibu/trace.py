"""Golden traces: what a model computes, step by step, small enough to hold any language to.

A trace has the inputs of some sequences and what must come out. Whole rows of numbers are named,
not listed: a bias row by its class (the tokens that are allowed), a row of ink by one hexadecimal
digit a pixel, a state by every n-th of its values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, islice, pairwise
from typing import Any

import numpy as np

from .arrays import Array, Float32Array
from .errors import InputError, NotStreamingError, VerificationError
from .poet import Poet
from .random import uniform_numbers
from .reader import DigitReader
from .sampling import Sampling
from .state import State
from .stepper import Stepper
from .verse.course import start_course
from .verse.forms import LINE_END
from .verse.wishes import Wished
from .vocabulary import END, author_token, form_token, is_han

FORMAT = 1
TOP = 5  # of the logits of a step, the largest are kept
STATE_VALUES = 256  # of a state, at most so many values are kept
INK = 15  # a pixel is one hexadecimal digit, of so many that are full ink
SEEDS = range(1, 101)  # tried in turn for one whose draws stand
NEIGHBOURS = 16  # logits beside the model's own that must draw the same token

Trace = dict[str, Any]

# how far another implementation may be off: of values up to 1, and of a share of larger ones;
# `draw` is what the logits may be off and still draw the tokens of the trace
Tolerances = Mapping[str, float | str]
_FLOAT32: Tolerances = {
    "logits": 1e-3,
    "probabilities": 1e-4,
    "states": 1e-4,
    "draw": 1e-4,
    "reason": "float32: sums in another order, and exp and tanh some units in the last place off, "
    "add up over the steps",
}
TOLERANCES: Mapping[str | None, Tolerances] = {
    None: _FLOAT32,
    "int8 weights": _FLOAT32,
    "int8": {
        "logits": 5e-2,
        "probabilities": 1e-2,
        "states": 2e-2,
        "draw": 2e-3,
        "reason": "int8: products are exact, but where exp or tanh is a unit in the last place "
        "off, a hidden value may be rounded to the neighbouring 127th",
    },
}
DIGITS: Mapping[str, Sequence[tuple[float, float]]] = {  # strokes, as (column, row) of 28
    "0": [(14, 4), (19, 7), (20, 14), (19, 20), (14, 23), (9, 20), (8, 14), (9, 7), (14, 4)],
    "1": [(15, 4), (13, 23)],
    "4": [(16, 23), (18, 4), (7, 16), (21, 16)],
    "7": [(7, 6), (20, 6), (12, 23)],
}


def make_trace(model: Poet | DigitReader, name: str) -> Trace:
    """Step a model and note what goes in and what comes out.

    Args:
        model: what `qibu.load` gave.
        name: what the trace calls the file.

    Raises:
        NotStreamingError: the model reads whole sequences only.
        VerificationError: no seed draws tokens that stand as much noise as a trace allows.
    """
    stepper = model.stepper
    spec = stepper.spec
    assert spec is not None  # Poet and DigitReader open no file without
    if not spec.streaming:
        raise NotStreamingError(
            f"{stepper.path.name} has no trace: its {spec.cell} network is bidirectional and "
            "can't be stepped; trace one that is, such as 'digits'"
        )
    trace = {
        "format": FORMAT,
        "model": name,
        "task": spec.task,
        "weights_sha256": spec.weights_sha256,
        "quantization": spec.quantization,
        "tolerances": dict(TOLERANCES[spec.quantization]),
    }
    if isinstance(model, DigitReader):
        return trace | {"ink": INK, "sequences": list(_digit_sequences(stepper))}
    return trace | {
        "classes": classes(model),
        "sequences": list(_text_sequences(model)),
        "poems": list(_poems(model)),
    }


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


def bias_row(ranges: Sequence[Sequence[int]], vocabulary_size: int) -> Float32Array:
    """Give the bias (1, vocabulary) of a class: 0 where a token is allowed, -inf elsewhere."""
    bias = np.full((1, vocabulary_size), -np.inf, np.float32)
    for first, last in ranges:
        bias[0, first : last + 1] = 0
    return bias


def state_values(array: Array) -> tuple[int, Array]:
    """Give n and every n-th value of a state, laid flat, from the first on."""
    every = -(-array.size // STATE_VALUES)
    return every, array.ravel()[::every]


def ink_rows(rows: Sequence[str]) -> Float32Array:
    """Turn rows of hexadecimal digits into ink 0..1, (rows, 28) float32."""
    ink = np.array([[int(pixel, 16) for pixel in row] for row in rows], np.float32)
    return ink / np.float32(INK)


def _states(stepper: Stepper, state: State) -> dict[str, Any]:
    noted = {}
    for pair in stepper.pairs:
        every, values = state_values(state[pair.input])
        shape = list(state[pair.input].shape)
        noted[pair.output] = {"shape": shape, "every": every, "values": _rounded(values)}
    return noted


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 6) for value in values]


def _digit_sequences(stepper: Stepper) -> Iterator[dict[str, Any]]:
    """Read some drawn digits, and a picture of noise."""
    numbers = uniform_numbers(1)
    noise = np.array(list(islice(numbers, 28 * 28)), np.float32).reshape(28, 28)
    pictures = {name: _draw(points) for name, points in DIGITS.items()} | {"noise": noise}
    for name, picture in pictures.items():
        rows = ["".join(f"{round(float(ink) * INK):x}" for ink in row) for row in picture]
        state, steps = stepper.initial_state(), []
        for row in ink_rows(rows):
            outputs, state = stepper.step({"rows": row[None, None]}, state)
            steps.append(_rounded(outputs["probabilities"][0]))
        yield {
            "name": name,
            "rows": rows,
            "probabilities": steps,
            "states": _states(stepper, state),
        }


def _draw(points: Sequence[tuple[float, float]]) -> Float32Array:
    """Draw a line through points with a round pen, (28, 28) float32 ink 0..1."""
    rows, columns = np.mgrid[:28, :28].astype(float)
    distance = np.full((28, 28), np.inf)
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        share = ((columns - x0) * dx + (rows - y0) * dy) / (dx * dx + dy * dy)
        share = np.clip(share, 0, 1)
        there = np.hypot(columns - x0 - share * dx, rows - y0 - share * dy)
        distance = np.minimum(distance, there)
    return np.clip(1.9 - distance, 0, 1).astype(np.float32)


def _text_sequences(poet: Poet) -> Iterator[dict[str, Any]]:
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


def _poems(poet: Poet) -> Iterator[dict[str, Any]]:
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
    while not course.done:
        slot = course.slot()
        if isinstance(slot, int):
            course.accept(slot, None)
            pending = [*pending, slot]
            continue
        inputs = sampling.feeds(len(vocabulary)) | {
            "tokens": np.array([pending]),
            "bias": slot,
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
                "top": {"tokens": top.tolist(), "logits": _rounded(logits[top])},
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
        "states": _states(stepper, state),
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
