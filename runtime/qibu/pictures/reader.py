"""Reading pictures row by row: handwritten digits, or what somebody's own model was taught."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from ..core.arrays import Float32Array
from ..core.errors import InputError, ModelFileError
from ..core.state import State
from ..core.stepper import Stepper
from ..core.stream import Stream
from .picture_format import PictureFormat


@dataclass(frozen=True)
class Reading:
    """What a model reads in one picture."""

    label: str  # of the likeliest class
    index: int  # which of the classes that is, counted from 0
    probabilities: Float32Array  # (classes,), after the last row
    rows: Float32Array | None  # (rows, classes), after each; None where it can't be stepped

    @property
    def digit(self) -> int:
        """The class's number: of handwritten digits, the digit."""
        return self.index


class Reader:
    """Reads pictures with a model that takes them row by row.

    Attributes:
        stepper: the model.
        pictures: what it reads: sizes, labels, and how a picture is prepared.

    Raises:
        ModelFileError: the stepper's file is no model that reads pictures.
    """

    def __init__(self, stepper: Stepper) -> None:
        if stepper.spec is None or stepper.spec.task != "digits":
            raise ModelFileError(f"{stepper.path} is no digits model that Qibu exported")
        self.stepper = stepper
        self.pictures: PictureFormat = stepper.part.pictures

    @property
    def labels(self) -> tuple[str, ...]:
        """What each of the probabilities is of."""
        return self.pictures.labels

    def read_picture(self, path: str | os.PathLike[str]) -> Float32Array:
        """Read a PNG or JPEG of any size as `rows` and `read` take it.

        Returns:
            (height, width) float32, 0..1, prepared as the file says.

        Raises:
            InputError: the file is missing, no PNG or JPEG, damaged, over 64 megapixels, or blank.
            MissingExtraError: the file needs Pillow, which isn't installed.
        """
        return self.pictures.read_picture(path)

    def rows(self, picture: npt.ArrayLike) -> Iterator[Float32Array]:
        """Read a picture from the top, a row at a time.

        Args:
            picture: (height, width) float32, 0..1; `read_picture` makes one of a file.

        Yields:
            Probabilities (classes,) float32 after each of the rows.

        Raises:
            InputError: the picture has another shape, or values outside 0..1.
            NotStreamingError: the model is bidirectional; use `read`.
        """
        ink = self._check_picture(picture)
        state = self.stepper.initial_state()
        return self._rows(ink, state)

    def _rows(self, ink: Float32Array, state: State) -> Iterator[Float32Array]:
        stream = Stream(self.stepper, state)
        for row in ink:
            stream.put("rows", row[None, None])
            stream.step()
            yield cast(Float32Array, stream.fetch("probabilities")[0].copy())

    def read(self, picture: npt.ArrayLike) -> Reading:
        """Read a whole picture; arguments and errors as in `rows`, but for any model."""
        ink = self._check_picture(picture)
        if self.stepper.pairs:
            rows = np.stack(list(self.rows(ink)))
            probabilities = rows[-1]
        else:
            rows = None
            probabilities = self.stepper.run({"rows": ink[None]})["probabilities"][0]
        index = int(probabilities.argmax())
        return Reading(self.labels[index], index, probabilities, rows)

    def _check_picture(self, picture: npt.ArrayLike) -> Float32Array:
        ink = np.asarray(picture, np.float32)
        shape = self.pictures.height, self.pictures.width
        if ink.shape != shape:
            raise InputError(f"picture must be {shape}, got shape {ink.shape}")
        if not ((ink >= 0) & (ink <= 1)).all():  # NaN too
            raise InputError(f"picture must have ink 0..1, got {ink.min()}..{ink.max()}")
        return ink


# what they were called when digits were all that was read
DigitReader = Reader
DigitReading = Reading
