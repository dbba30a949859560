"""The figure by which digits models are compared, taken by stepping the model file itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .digit_reader import DigitReader
from .idx_files import read_digits

Progress = Callable[[int, int], None]  # done, of how many


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
