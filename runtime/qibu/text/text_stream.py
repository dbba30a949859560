"""A text that is being written: pieces as they come, and its state at each of them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..core.errors import InputError
from ..core.state import State
from .drawing import draw
from .plain_text import Ended, PlainText
from .sampling import Sampling
from .seeded_random import choose_seed
from .text_state import text_state

if TYPE_CHECKING:
    from .writer import Writer


class TextStream(Iterator[str]):
    """Gives a text in pieces of whole characters, first what it begins with.

    Attributes:
        seed: of the random numbers.
    """

    def __init__(
        self,
        writer: "Writer",
        state: State,
        unread: Sequence[int],
        text: PlainText,
        *,
        seed: int,
        sampling: Sampling,
        opening: str = "",
        skip: int = 0,
    ) -> None:
        self.seed = seed
        self._writer, self._sampling, self._text = writer, sampling, text
        self._steps = writer.steps(1, sampling, state)
        self._unread: Sequence[int] = unread
        self._drawn = skip  # random numbers taken
        self._opening = opening  # until it is given
        self._pieces = self._write()

    def __iter__(self) -> Iterator[str]:
        return self._pieces  # a loop needn't come by here for every piece

    def __next__(self) -> str:
        return next(self._pieces)

    def _write(self) -> Iterator[str]:
        if self._opening:
            opening, self._opening = self._opening, ""
            yield opening
        text = self._text
        for tokens, _ in draw(self._steps, self._unread, [text], [self.seed], self._drawn):
            self._unread = tokens
            self._drawn += 1
            piece = text.take(tokens[0])
            if piece:
                yield piece

    @property
    def state(self) -> State:
        """The state after all that was drawn so far: a text can begin from it, here or elsewhere.

        It is a value: saved with `State.save`, it is there for another day.
        """
        return text_state(self._writer.stepper, self._steps.state(), self._unread)

    @property
    def ended(self) -> Ended | None:
        """What ended the text, its "length", the network's own "end" or a "stop"; None: nothing."""
        return self._text.ended

    def fork(self, seed: int | None = None) -> "TextStream":
        """Give a stream that goes on from here by itself, to the same length.

        Args:
            seed: of its random numbers, from their first on; None: those that are still to come
                here, so that both go on alike.

        Raises:
            InputError: the text has ended, or the seed is no number 0..2**64-1.
        """
        if self._text.done:
            raise InputError(f"the text has ended, by its {self.ended}; begin another")
        return TextStream(
            self._writer,
            self._steps.state(),
            self._unread,
            self._text.fork(),
            seed=self.seed if seed is None else choose_seed(seed),
            sampling=self._sampling,
            opening=self._opening,
            skip=self._drawn if seed is None else 0,
        )
