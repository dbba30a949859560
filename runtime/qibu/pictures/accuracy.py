"""The figure by which digits models are compared, taken by stepping the model file itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..core.arrays import Int64Array, UInt8Array
from .idx_files import read_digit_bytes
from .picture_format import MNIST
from .picture_set import read_picture_set
from .picture_split import TEST
from .reader import Reader

Progress = Callable[[int, int], None]  # done, of how many


def measure_accuracy(
    reader: Reader,
    folder: Path,
    *,
    batch: int = 500,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the accuracy on the test pictures, after each row where rows are stepped.

    Args:
        reader: of MNIST's digits, or of own pictures.
        folder: MNIST's files, or the pictures that were trained on, parted as they were then.
        batch: how many are read at once.
        progress: called with what is done, and of how much.

    Returns:
        accuracy 0..1, right, pictures; for a streaming model `accuracy_by_row`, a value a row.

    Raises:
        DataError: the folder lacks the pictures.
        InputError: the folder has other classes than the model.
    """
    pictures, labels = test_pictures(reader, folder)
    stepper = reader.stepper
    right = np.zeros(pictures.shape[1], np.int64)
    for start in range(0, len(pictures), batch):
        some = pictures[start : start + batch].astype(np.float32) / np.float32(255)
        wanted = labels[start : start + batch]
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


def test_pictures(reader: Reader, folder: Path) -> tuple[UInt8Array, Int64Array]:
    """Read what a model is judged by: pictures (n, height, width) 0..255, labels (n,).

    Raises:
        DataError, InputError: as in `measure_accuracy`.
    """
    wanted = reader.pictures
    if wanted.preparation == MNIST.preparation:
        pictures, labels = read_digit_bytes(folder, "test")
        return pictures, labels.astype(np.int64)
    found = read_picture_set(folder, (wanted.height, wanted.width), wanted.labels)
    places = found.places(TEST)
    return found.pictures[places], found.labels[places]
