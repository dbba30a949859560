"""The golden trace of a poem model: tokens drawn among classes, and poems under the rules."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ..core.errors import InputError, VerificationError
from ..quality.trace_format import Difference, Trace
from ..text.sampling import Sampling
from ..text.steady_draws import SteadySteps
from ..text.token_classes import ranges_of
from ..text.trace_sequences import first_steady, sequence, sequence_differences, take_to_its_end
from ..text.vocabulary import END
from .forms import LINE_END, is_han
from .poem_in_progress import start_poem
from .poet import Poet
from .prompt import author_token, form_token
from .request import Request


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
    for one in trace["sequences"]:
        yield from sequence_differences(poet.stepper, trace, one)


def classes(poet: Poet) -> dict[str, list[list[int]]]:
    """Name the sets of tokens that a step may draw, each as ranges of numbers, both ends in."""
    vocabulary = poet.vocabulary
    tests: Mapping[str, Callable[[str], bool]] = {
        "han": is_han,
        "line end": lambda token: token in tuple(LINE_END),
        "any": lambda token: is_han(token) or token in (*LINE_END, END),
    }
    return {
        name: ranges_of(n for n in range(len(vocabulary)) if allows(vocabulary.token(n)))
        for name, allows in tests.items()
    }


def _sequences(poet: Poet) -> Iterator[dict[str, Any]]:
    """Write a poem of a fixed form, the likeliest characters, and draws among all."""
    known = poet.names(form_token)
    form = "七絕" if "七絕" in known else None
    author = next(iter(poet.names(author_token)), None)
    whole = Sampling(temperature=1.2, top_k=0, top_p=1.0)
    line, couplet = ["han"] * 7 + ["，"], ["han"] * 7 + ["。"]
    of_poet = partial(sequence, poet.stepper, poet.vocabulary, classes(poet))
    for name, prompt, plan, sampling in (
        ("a poem", poet.prompt(form), [*line, *couplet, *line, *couplet], Sampling()),
        ("the likeliest", poet.prompt(None, author), ["any"] * 24, Sampling(top_k=1)),
        ("all", poet.prompt(None, None, "春夜", "skip"), ["han", "han", "line end"] * 3, whole),
    ):
        write = partial(of_poet, prompt, plan, sampling)
        yield {"name": name, **first_steady(poet.stepper, name, write)}


def _poems(poet: Poet) -> Iterator[dict[str, Any]]:
    """Write poems under the rules of their forms, where the model knows enough rhymes for them."""
    for form, start in (("七絕", ""), ("五律", ""), ("五絕", "白")):
        if form_token(form) in poet.vocabulary and all(c in poet.vocabulary for c in start):
            try:
                request = Request(form, {"start": start}, poet.classes)
            except InputError:  # too few rhymes
                continue
            yield first_steady(poet.stepper, form, partial(_poem, poet, request, start))


def _poem(poet: Poet, request: Request, start: str, seed: int) -> dict[str, Any]:
    """Write a poem as `Poet.compose` does."""
    poem = start_poem(request.brief, poet.classes)
    take_to_its_end(
        poem, SteadySteps(poet.stepper, Sampling()), poet.prompt(request.form.control), seed
    )
    text = poet.vocabulary.decode(poem.tokens)
    return {"form": request.form.name, "start": start, "seed": seed, "text": text}
