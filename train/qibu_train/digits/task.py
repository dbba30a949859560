"""The digit task: MNIST's pictures."""

from pathlib import Path

import numpy as np

from qibu.pictures.idx_files import read_digit_bytes
from qibu.pictures.picture_format import MNIST

from ..pictures.task import Examples, PictureTask
from .config import DigitConfig

VALIDATION_PICTURES = 5_000  # the last of the training set, kept out of the training


def digit_task(config: DigitConfig, folder: Path) -> PictureTask:
    """Read MNIST's training pictures."""
    pictures, labels = read_digit_bytes(folder, "train")
    training = max(1, len(labels) - VALIDATION_PICTURES)
    places = np.arange(len(labels))
    return PictureTask(
        config,
        Examples(pictures, labels.astype(np.int64), places[:training], places[training:], MNIST),
    )
