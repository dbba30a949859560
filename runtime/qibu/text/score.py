"""How strange a model finds a text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .token_nats import Nats


@dataclass(frozen=True)
class Score:
    """How strange a model finds a text, character by character.

    Attributes:
        text: what was scored: as given, less what was skipped.
        bits: (characters,) float64, -log2 of each character's probability, all before it given.
        unknown: how many of them the model doesn't know; each has the probability of `<unk>`.
    """

    text: str
    bits: npt.NDArray[np.float64]
    unknown: int = 0

    @property
    def bits_per_character(self) -> float:
        """The mean over the characters."""
        return float(self.bits.mean())

    @property
    def bits_per_byte(self) -> float:
        """The sum over the bytes of the text as UTF-8."""
        return float(self.bits.sum()) / len(self.text.encode(errors="replace"))

    def __str__(self) -> str:
        unknown = f", {self.unknown:,} unknown" if self.unknown else ""
        return (
            f"{self.bits_per_character:.3f} bits per character "
            f"({len(self.text):,} characters{unknown}), {self.bits_per_byte:.3f} per byte"
        )


def bits_of(nats: Nats, widths: Sequence[int]) -> npt.NDArray[np.float64]:
    """Give the bits of characters from the nats of their tokens, so many each."""
    starts = np.cumsum([0, *widths[:-1]])
    bits: npt.NDArray[np.float64] = np.add.reduceat(nats, starts) / np.log(2)
    return bits
