"""The figure by which poem models are compared, taken by stepping the model file itself."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..core.arrays import Int64Array
from ..core.errors import DataError
from ..text.token_nats import side_by_side
from .forms import is_han
from .poem_corpus import Poem, Split, is_measured, read_poems
from .poet import Poet
from .prompt import prompt_of

Hint = Literal["title", "author"]

Progress = Callable[[int, int], None]  # done, of how many


def measure_perplexity(
    poet: Poet,
    folder: Path,
    *,
    split: Split = "test",
    hints: Collection[Hint] = (),
    only: Callable[[Poem], bool] | None = None,
    batch: int = 64,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the perplexity per character over the measured Tang poems of a split.

    Only Han characters count, each predicted from the form and all that stands before it in the
    poem; one outside the vocabulary counts with the probability of `<unk>`.

    Args:
        poet: the model.
        folder: the corpus files.
        split: "test" for a figure to report.
        hints: what the model is told of each poem besides its form: the true title, the true
            author where it knows him. By the measure that compares models, neither.
        only: which of the poems count; by the measure that compares models, all.
        batch: poems stepped at once.
        progress: called with poems done and poems in all.

    Returns:
        perplexity, characters, poems, split.

    Raises:
        DataError: the folder lacks the corpus.
    """
    poems = [
        poem
        for poem in read_poems(folder)
        if poem.split == split and is_measured(poem) and (only is None or only(poem))
    ]
    if not poems:
        raise DataError(f"{folder} has no {split} poems to measure on")
    total, count, done = 0.0, 0, 0
    for some, prompts in _batches(poet, poems, hints, batch):
        nats, characters = _sum_nats(poet, some, prompts)
        total, count, done = total + nats, count + characters, done + len(some)
        if progress:
            progress(done, len(poems))
    return {
        "perplexity": float(np.exp(total / count)),
        "characters": count,
        "poems": len(poems),
        "split": split,
    }


def _batches(
    poet: Poet, poems: Sequence[Poem], hints: Collection[Hint], size: int
) -> Iterator[tuple[list[Poem], Int64Array]]:
    """Give poems of similar length with their prompts (batch, length), of one length."""
    pairs = [(poem, prompt_of(poet.vocabulary, poem, ("form", *hints))) for poem in poems]
    pairs.sort(key=lambda pair: (len(pair[1]), len(pair[0].text)))  # little padding
    for _, group in groupby(pairs, key=lambda pair: len(pair[1])):
        alike = list(group)
        for start in range(0, len(alike), size):
            some, prompts = zip(*alike[start : start + size], strict=True)
            yield list(some), np.array(prompts, np.int64)


def _sum_nats(poet: Poet, poems: Sequence[Poem], prompts: Int64Array) -> tuple[float, int]:
    """Sum -ln p(character) over the Han characters of poems stepped side by side."""
    vocabulary = poet.vocabulary
    longest = max(len(poem.text) for poem in poems)
    tokens = np.zeros((len(poems), longest), np.int64)
    counted = np.zeros(tokens.shape, bool)
    for row, poem in enumerate(poems):
        tokens[row, : len(poem.text)] = vocabulary.encode(poem.text, "replace")
        counted[row, : len(poem.text)] = [is_han(character) for character in poem.text]
    state = poet.stepper.initial_state(len(poems))
    nats = side_by_side(poet.stepper, state, prompts, tokens)
    # place by place, so that the sum is the same to the bit however it is taken
    total = sum(float(nats[counted[:, place], place].sum()) for place in range(longest))
    return total, int(counted.sum())


def quality_of(poet: Poet, folder: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Measure what a poem model's file is to say of itself.

    Returns:
        The figures of `measure_perplexity`, and the perplexity when the title is given, and when
        the author is.
    """
    figures = measure_perplexity(poet, folder, progress=progress)
    hints: tuple[Hint, ...] = ("title", "author")
    for hint in hints:
        hinted = measure_perplexity(poet, folder, hints=(hint,), progress=progress)
        figures[f"perplexity_with_{hint}"] = hinted["perplexity"]
    return figures
