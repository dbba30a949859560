"""How a character is drawn."""

from dataclasses import dataclass

import numpy as np

from ..core.arrays import Array
from ..core.errors import InputError


@dataclass(frozen=True)
class Sampling:
    """How a character is drawn from the model's probabilities.

    The `top_k` most probable are kept (0: all), of these the fewest that together have at
    least the probability `top_p`; `top_k=1` always takes the most probable.
    """

    temperature: float = 0.8
    top_k: int = 64
    top_p: float = 0.9

    def __post_init__(self) -> None:
        if not 0 < self.temperature < float("inf"):
            raise InputError(
                f"temperature must be above 0, got {self.temperature}; "
                "for the most probable character use top_k=1"
            )
        if self.top_k < 0:
            raise InputError(f"top_k must be 0 (all) or above, got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise InputError(f"top_p must be above 0 and at most 1, got {self.top_p}")

    def feeds(self, vocabulary_size: int) -> dict[str, Array]:
        """Give the sampler's inputs by name."""
        top_k = min(self.top_k or vocabulary_size, vocabulary_size)
        return {
            "temperature": np.array([self.temperature], np.float32),
            "top_k": np.array([top_k], np.int64),
            "top_p": np.array([self.top_p], np.float32),
        }


def log_softmax(logits: Array) -> Array:
    """Give ln of the probabilities (batch, vocabulary) of logits, of their shape and type."""
    shifted = logits - logits.max(1, keepdims=True, initial=-np.inf)
    normalised: Array = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return normalised
