"""Reading handwritten digits row by row."""

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


@dataclass(frozen=True)
class DigitReading:
    """What a model reads in one picture."""

    digit: int
    probabilities: Float32Array  # (10,), after the last row
    rows: Float32Array | None  # (28, 10), after each row; None where the model can't be stepped


class DigitReader:
    """Reads 28 x 28 pictures with a digits model.

    Raises:
        ModelFileError: the stepper's file is no digits model.
    """

    def __init__(self, stepper: Stepper) -> None:
        if stepper.spec is None or stepper.spec.task != "digits":
            raise ModelFileError(f"{stepper.path} is no digits model that Qibu exported")
        self.stepper = stepper

    def rows(self, picture: npt.ArrayLike) -> Iterator[Float32Array]:
        """Read a picture from the top, a row at a time.

        Args:
            picture: (28, 28) float32, ink 0..1; `qibu.pictures.read_picture` makes one of a file.

        Yields:
            Probabilities (10,) float32 after each of the 28 rows.

        Raises:
            InputError: the picture has another shape, or values outside 0..1.
            NotStreamingError: the model is bidirectional; use `read`.
        """
        ink = _check_picture(picture)
        state = self.stepper.initial_state()
        return self._rows(ink, state)

    def _rows(self, ink: Float32Array, state: State) -> Iterator[Float32Array]:
        stream = Stream(self.stepper, state)
        for row in ink:
            stream.put("rows", row[None, None])
            stream.step()
            yield cast(Float32Array, stream.fetch("probabilities")[0].copy())

    def read(self, picture: npt.ArrayLike) -> DigitReading:
        """Read a whole picture; arguments and errors as in `rows`, but for any model."""
        ink = _check_picture(picture)
        if self.stepper.pairs:
            rows = np.stack(list(self.rows(ink)))
            probabilities = rows[-1]
        else:
            rows = None
            probabilities = self.stepper.run({"rows": ink[None]})["probabilities"][0]
        return DigitReading(int(probabilities.argmax()), probabilities, rows)


def _check_picture(picture: npt.ArrayLike) -> Float32Array:
    ink = np.asarray(picture, np.float32)
    if ink.shape != (28, 28):
        raise InputError(f"picture must be (28, 28), got shape {ink.shape}")
    if not ((ink >= 0) & (ink <= 1)).all():  # NaN too
        raise InputError(f"picture must have ink 0..1, got {ink.min()}..{ink.max()}")
    return ink
