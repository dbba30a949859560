"""The figures by which models are compared, taken by stepping the model file itself."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .corpus import Poem, Split, is_measured, read_digits, read_poems
from .errors import DataError
from .poet import Poet
from .reader import DigitReader
from .sampling import log_softmax
from .vocabulary import is_han

Progress = Callable[[int, int], None]  # done, of how many


def measure_perplexity(
    poet: Poet,
    folder: Path,
    *,
    split: Split = "test",
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
        batch: poems stepped at once.
        progress: called with poems done and poems in all.

    Returns:
        perplexity, characters, poems, split.

    Raises:
        DataError: the folder lacks the corpus.
    """
    poems = [p for p in read_poems(folder) if p.split == split and is_measured(p)]
    if not poems:
        raise DataError(f"{folder} has no {split} poems to measure on")
    poems.sort(key=lambda poem: len(poem.text))  # little padding
    total, count = 0.0, 0
    for start in range(0, len(poems), batch):
        some = poems[start : start + batch]
        nats, characters = _sum_nats(poet, some)
        total, count = total + nats, count + characters
        if progress:
            progress(start + len(some), len(poems))
    return {
        "perplexity": float(np.exp(total / count)),
        "characters": count,
        "poems": len(poems),
        "split": split,
    }


def _sum_nats(poet: Poet, poems: Sequence[Poem]) -> tuple[float, int]:
    """Sum -ln p(character) over the Han characters of poems stepped side by side."""
    vocabulary = poet.vocabulary
    prompts = np.array([poet.prompt(poem.form.control) for poem in poems])
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
        "accuracy": right[-1] / len(pictures),
        "right": int(right[-1]),
        "pictures": len(pictures),
    }
    if stepper.pairs:
        figures["accuracy_by_row"] = (right / len(pictures)).round(4).tolist()
    return figures


def measure(
    model: Poet | DigitReader, folder: Path, *, progress: Progress | None = None
) -> dict[str, Any]:
    """Measure a model of either task on its test data."""
    if isinstance(model, Poet):
        return measure_perplexity(model, folder, progress=progress)
    return measure_accuracy(model, folder, progress=progress)
