"""One text in progress that goes where the network leads it, to its length or its end."""

from collections.abc import Sequence
from typing import Literal

from ..core.arrays import Float32Array
from .alphabet import Guide
from .drawing import Logits

Ended = Literal["length", "end", "stop"]  # by which of them a text is done


class PlainText:
    """A text, a `TextInProgress`; what is drawn is told to `take`, which gives what it shows of it.

    Args:
        guide: what may be drawn.
        end: the token that ends a text, if there is one.
        length: characters at most.
        stops: texts before which it ends; a beginning of one is held back.
        held: what is held back already.

    Attributes:
        done: whether nothing comes any more; ended: by what.
        left: how many characters may still come.
    """

    def __init__(
        self,
        guide: Guide,
        end: int | None,
        length: int,
        stops: Sequence[str] = (),
        held: str = "",
    ) -> None:
        self.guide, self.left, self.stops, self.held = guide, length, stops, held
        self.ended: Ended | None = None
        self.done = False
        self._end = end
        self._written: Float32Array | None = None

    def fork(self) -> "PlainText":
        """Give a text of its own that stands where this one does, between two characters."""
        return PlainText(self.guide.fork(), self._end, self.left, self.stops, self.held)

    def slot(self, bias: Float32Array) -> int | None:
        """Allow what may come; nothing is forced."""
        row = self.guide.row
        if row is not self._written:  # nobody else writes in this text's bias
            bias[:] = row
            self._written = row
        return None

    def accept(self, token: int, logits: Logits | None) -> None:
        """Do nothing: `take` has gone on with the token."""

    def take(self, token: int) -> str:
        """Go on with a token that was drawn; give the characters that may be shown by now."""
        if token == self._end:
            return self._finish("end")
        character = self.guide.take(token)
        if not character:
            return ""
        self.left -= 1
        if not self.stops:
            if not self.left:
                self._finish("length")
            return character
        return self._held_back(character)

    def _held_back(self, character: str) -> str:
        text = self.held + character
        found = [len(stop) for stop in self.stops if text.endswith(stop)]
        if found:
            self._finish("stop")
            return text[: -max(found)]
        if not self.left:
            self._finish("length")
            return text
        longest = max(map(len, self.stops)) - 1
        for size in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-size:]) for stop in self.stops):
                self.held = text[-size:]
                return text[:-size]
        self.held = ""
        return text

    def _finish(self, ended: Ended) -> str:
        """Be done; give what was held back."""
        self.done, self.ended = True, ended
        text, self.held = self.held, ""
        return text
