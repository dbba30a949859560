"""The figures by which models are compared, taken by stepping the model file itself."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..core.arrays import Int64Array
from ..core.errors import DataError
from ..pictures.digit_reader import DigitReader
from ..text.sampling import log_softmax
from ..text.vocabulary import author_token, is_han
from .poem_corpus import Poem, Split, is_measured, read_digits, read_poems
from .poet import Poet

Given = Literal["title", "author"]
TITLE_LIMIT = 20  # characters of a title that a model is given, as in its training

Progress = Callable[[int, int], None]  # done, of how many


def measure_perplexity(
    poet: Poet,
    folder: Path,
    *,
    split: Split = "test",
    given: Collection[Given] = (),
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
        given: what the model is told of each poem besides its form: the true title, the true
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
    for some, prompts in _batches(poet, poems, given, batch):
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
    poet: Poet, poems: Sequence[Poem], given: Collection[Given], size: int
) -> Iterator[tuple[list[Poem], Int64Array]]:
    """Give poems of similar length with their prompts (batch, length), of one length."""
    pairs = [(poem, _prompt(poet, poem, given)) for poem in poems]
    pairs.sort(key=lambda pair: (len(pair[1]), len(pair[0].text)))  # little padding
    for _, group in groupby(pairs, key=lambda pair: len(pair[1])):
        alike = list(group)
        for start in range(0, len(alike), size):
            some, prompts = zip(*alike[start : start + size], strict=True)
            yield list(some), np.array(prompts, np.int64)


def _prompt(poet: Poet, poem: Poem, given: Collection[Given]) -> list[int]:
    author = "author" in given and author_token(poem.author) in poet.vocabulary
    return poet.prompt(
        poem.form.control,
        poem.author if author else None,
        poem.title[:TITLE_LIMIT] if "title" in given else None,
        "replace",
    )


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
    feed, total = prompts, 0.0
    for position in range(longest):
        outputs, state = poet.stepper.step({"tokens": feed}, state)
        here = counted[:, position]
        log_p = log_softmax(outputs["logits"][here].astype(np.float64))
        total -= float(np.take_along_axis(log_p, tokens[here, position, None], 1).sum())
        feed = tokens[:, position, None]
    return total, int(counted.sum())


def measure_accuracy(
    reader: DigitReader,
    folder: Path,
    *,
    batch: int = 500,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the accuracy on the 10,000 test pictures, after each row where rows are stepped.

    Returns:
        accuracy 0..1, right, pictures; for a streaming model `accuracy_by_row`, 28 values.

    Raises:
        DataError: the folder lacks the pictures.
    """
    pictures, labels = read_digits(folder, "test")
    stepper = reader.stepper
    right = np.zeros(pictures.shape[1], np.int64)
    for start in range(0, len(pictures), batch):
        some, wanted = pictures[start : start + batch], labels[start : start + batch]
        if stepper.pairs:
            state = stepper.initial_state(len(some))
            for row in range(some.shape[1]):
                outputs, state = stepper.step({"rows": some[:, row : row + 1]}, state)
                right[row] += int((outputs["probabilities"].argmax(1) == wanted).sum())
        else:
            right[-1] += int(
                (stepper.run({"rows": some})["probabilities"].argmax(1) == wanted).sum()
            )
        if progress:
            progress(start + len(some), len(pictures))
    figures: dict[str, Any] = {
        "accuracy": float(right[-1] / len(pictures)),
        "right": int(right[-1]),
        "pictures": len(pictures),
    }
    if stepper.pairs:
        figures["accuracy_by_row"] = (right / len(pictures)).round(4).tolist()
    return figures


def measure(
    model: Poet | DigitReader, folder: Path, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Measure a model of either task on its test data: what its file is to say of itself.

    Returns:
        The figures of `measure_accuracy`, or those of `measure_perplexity` with the perplexity
        when the title is given, and when the author is.
    """
    if isinstance(model, DigitReader):
        return measure_accuracy(model, folder, progress=progress)
    figures = measure_perplexity(model, folder, progress=progress)
    kinds: tuple[Given, ...] = ("title", "author")
    for kind in kinds:
        told = measure_perplexity(model, folder, given=(kind,), progress=progress)
        figures[f"perplexity_with_{kind}"] = told["perplexity"]
    return figures
