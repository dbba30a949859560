"""Writing texts side by side: what may stand next, a draw, and on."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from ..core.arrays import Float32Array
from .seeded_random import uniform_numbers
from .token_stream import TokenSteps

Logits = Callable[[], Float32Array]  # (vocabulary,), read only when somebody asks


class TextInProgress(Protocol):
    """A text on its way to its end."""

    @property
    def done(self) -> bool:
        """Whether nothing comes any more."""

    def slot(self, bias: Float32Array) -> int | None:
        """Give the token that stands next; None: it is to be drawn with `bias`.

        Args:
            bias: (vocabulary,) float32, into which the row to draw with is written, whole.
        """

    def accept(self, token: int, logits: Logits | None) -> None:
        """Go on with a token; one that was drawn brings the logits it was drawn from."""


def draw(
    steps: TokenSteps,
    prompt: Sequence[int],
    texts: Sequence[TextInProgress],
    seeds: Sequence[int],
    skip: int = 0,
) -> Iterator[tuple[list[int], bool]]:
    """Take texts to their end, a token each at a time.

    Args:
        steps: what draws, a row of its batch for each text.
        prompt: what stands before each text.
        texts: alike in that where one forces a token, all that go on do.
        seeds: of the random numbers, one a text.
        skip: how many draws of those numbers were taken before.

    Yields:
        The next token of each text, before it goes on with that, and whether they were drawn, not
        forced. The token of a text that is done means nothing.
    """
    numbers = [uniform_numbers(seed, skip) for seed in seeds]
    # a view of the bias for each text, which fills it
    slots = [partial(text.slot, row) for text, row in zip(texts, steps.bias, strict=True)]
    readers = [partial(_logits_of, steps, place) for place in range(len(texts))]
    unread = np.array([prompt] * len(texts), np.int64)  # (batch, time)
    going = [place for place, text in enumerate(texts) if not text.done]
    while going:
        forced = [slots[place]() for place in going]
        drawn = forced[0] is None
        if drawn:
            unread = steps.step(unread, [next(random) for random in numbers])
            tokens = unread.tolist()
        else:
            tokens = [0] * len(texts)
            for place, token in zip(going, forced, strict=True):
                tokens[place] = token
            before = unread.reshape(len(texts), -1)
            unread = np.concatenate((before, np.array(tokens, np.int64)[:, None]), axis=1)
        yield tokens, drawn
        for place in going:
            texts[place].accept(tokens[place], readers[place] if drawn else None)
        going = [place for place in going if not texts[place].done]


def _logits_of(steps: TokenSteps, place: int) -> Float32Array:
    logits: Float32Array = steps.logits[place]
    return logits
