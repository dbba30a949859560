"""Writing any text with a text model, and telling how strange one is."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ..core.errors import InputError, ModelFileError
from ..core.state import State
from ..core.stepper import Stepper
from .alphabet import want_on_unknown
from .drawing import draw
from .plain_text import Ended, PlainText
from .sampling import Sampling, log_softmax
from .score import Score, bits_of
from .seeded_random import choose_seed, following_seeds
from .text_part import TextPart
from .text_state import split_state, text_state
from .text_stream import TextStream
from .token_nats import Progress, nats_of
from .token_stream import TokenStream
from .vocabulary import END, START, UNKNOWN, OnUnknown

if TYPE_CHECKING:
    from typing_extensions import Unpack

LENGTH = 400  # characters that are written unless told otherwise
BATCH = 64  # texts written at once
MOST = 10_000  # texts asked for at once


class Manner(TypedDict, total=False):
    """How a text is to be written, as `Writer.stream` says."""

    length: int
    stop: str | Sequence[str] | None
    allow: str | None
    ban: str | None
    state: State | None
    on_unknown: OnUnknown


@dataclass(frozen=True)
class Writing:
    """A text that was written."""

    text: str  # what it begins with included
    seed: int
    log_probability: float  # of what was drawn, before bias and temperature, in nats
    characters: int  # that were drawn
    ended: Ended

    @property
    def bits_per_character(self) -> float:
        """How strange the model finds what it drew; NaN where it drew nothing."""
        bits = -self.log_probability / math.log(2)
        return bits / self.characters if self.characters else math.nan

    def __str__(self) -> str:
        return self.text


class Writer:
    """Writes with a text model, token by token, and scores texts.

    Raises:
        ModelFileError: the stepper's file is no text model.
    """

    def __init__(self, stepper: Stepper) -> None:
        if not isinstance(stepper.part, TextPart):
            raise ModelFileError(f"{stepper.path} is no text model that Qibu exported")
        self.stepper = stepper
        self.vocabulary, self.alphabet = stepper.part.vocabulary, stepper.part.alphabet
        self.unit = stepper.part.unit
        self.end = self.vocabulary.id(END) if END in self.vocabulary else None

    def steps(self, batch: int, sampling: Sampling, state: State | None = None) -> TokenStream:
        """Give what draws the tokens of texts side by side, from a state or from the beginning."""
        return TokenStream(self.stepper, state or self.stepper.initial_state(batch), sampling)

    def prompt(self, start: str = "", on_unknown: OnUnknown = "fail") -> list[int]:
        """Give the tokens that a text begins with: `<start>`, where the model has it, and `start`.

        Raises:
            UnknownCharacterError: `start` has a character that the model doesn't know.
        """
        want_on_unknown(on_unknown)
        first = [self.vocabulary.id(START)] if START in self.vocabulary else []
        return [*first, *self.alphabet.encode(start, on_unknown)]

    def specimen(self) -> list[int]:
        """Give some tokens of what the model knows, for a file's own trace."""
        first, size = len(self.vocabulary.controls), len(self.vocabulary)
        return list(range(first, size, max(1, (size - first) // 12)))[:12]

    def read(
        self, text: str, state: State | None = None, *, on_unknown: OnUnknown = "fail"
    ) -> State:
        """Read a text, for others to be written after it.

        Args:
            text: what is read.
            state: what was read before; None: the text begins here.
            on_unknown: what a character that the model doesn't know does.

        Returns:
            The state after it. Not modified by what begins from it; save it with `State.save`.
        """
        inner, unread = self._begin(text, state, on_unknown)
        return text_state(self.stepper, inner, unread)

    def stream(
        self,
        start: str = "",
        *,
        length: int = LENGTH,
        seed: int | None = None,
        sampling: Sampling | None = None,
        stop: str | Sequence[str] | None = None,
        allow: str | None = None,
        ban: str | None = None,
        state: State | None = None,
        on_unknown: OnUnknown = "fail",
    ) -> TextStream:
        """Write a text, giving it in pieces of whole characters, `start` first.

        Args:
            start: what it begins with, or goes on with after `state`.
            length: how many characters are written after that, at most: the network may end it.
            seed: 0..2**64-1; the same seed gives the same text. None: a random one.
            sampling: how a character is drawn.
            stop: a text, or several, before which it ends.
            allow: the characters that alone may be written; None: all.
            ban: characters that mustn't be.
            state: what was read before, as `read` or a stream's `state` gives it; None: nothing.
            on_unknown: what a character of `start` that the model doesn't know does: `fail` raises,
                `skip` leaves it out, `replace` has it read as `<unk>`.

        Raises:
            InputError: an argument can't be had, before the first piece.
            UnknownCharacterError: the model doesn't know a character.
        """
        text = self._text(length, stop, allow, ban)
        inner, unread = self._begin(start, state, on_unknown)
        return TextStream(
            self,
            inner,
            unread,
            text,
            seed=choose_seed(seed),
            sampling=sampling or Sampling(),
            opening=self._opening(start, on_unknown),
        )

    def write(
        self,
        start: str = "",
        *,
        seed: int | None = None,
        sampling: Sampling | None = None,
        **manner: "Unpack[Manner]",
    ) -> Writing:
        """Write a whole text; arguments and errors as in `stream`."""
        return self.write_many(1, start, seed=seed, sampling=sampling, **manner)[0]

    def write_many(
        self,
        count: int,
        start: str = "",
        *,
        seed: int | None = None,
        sampling: Sampling | None = None,
        **manner: "Unpack[Manner]",
    ) -> list[Writing]:
        """Write several texts side by side, of the seeds from `seed` on; else as `stream`."""
        if not 1 <= count <= MOST:
            raise InputError(f"the number of texts must be 1..{MOST}, got {count}")
        on_unknown, length = manner.get("on_unknown", "fail"), manner.get("length", LENGTH)
        text = self._text(length, manner.get("stop"), manner.get("allow"), manner.get("ban"))
        seeds = following_seeds(seed, count)
        inner, unread = self._begin(start, manner.get("state"), on_unknown)
        opening, written = self._opening(start, on_unknown), list[Writing]()
        for first in range(0, count, BATCH):
            some = seeds[first : first + BATCH]
            steps = self.steps(len(some), sampling or Sampling(), inner.fork(len(some)))
            written += self._write(steps, unread, [text.fork() for _ in some], some, opening)
        return written

    def _write(
        self,
        steps: TokenStream,
        unread: Sequence[int],
        texts: Sequence[PlainText],
        seeds: Sequence[int],
        opening: str,
    ) -> Iterator[Writing]:
        pieces = [[opening] for _ in texts]
        nats, counts = [0.0] * len(texts), [0] * len(texts)
        for tokens, _ in draw(steps, unread, texts, seeds):
            values = log_softmax(steps.logits)
            for place, (text, token) in enumerate(zip(texts, tokens, strict=True)):
                if text.done:
                    continue
                before = text.left
                pieces[place].append(text.take(token))
                counts[place] += before - text.left
                if token != self.end:
                    nats[place] += float(values[place, token])
        for place, text in enumerate(texts):
            assert text.ended is not None  # `draw` takes every text to its end
            yield Writing(
                "".join(pieces[place]), seeds[place], nats[place], counts[place], text.ended
            )

    def score(
        self,
        text: str,
        *,
        state: State | None = None,
        on_unknown: OnUnknown = "fail",
        progress: Progress | None = None,
    ) -> Score:
        """Tell how strange a text is, each character after all that stands before it.

        Args:
            text: at least one character.
            state: what was read before, as in `stream`; None: nothing.
            on_unknown: as in `stream`; one that is replaced has the probability of `<unk>`.
            progress: called with tokens done and tokens in all, for a long text.

        Raises:
            InputError: there is nothing to score.
            UnknownCharacterError: the model doesn't know a character.
        """
        inner, unread = self._begin("", state, on_unknown)
        tokens = self.alphabet.encode(text, on_unknown)
        read = self.alphabet.decode(tokens) if on_unknown == "skip" else text
        if not tokens:
            raise InputError("the text to score is empty; give one character at least")
        nats = nats_of(self.stepper, inner, unread, tokens, progress)
        unknown = tokens.count(self.vocabulary.id(UNKNOWN))
        return Score(read, bits_of(nats, self.alphabet.widths(read)), unknown)

    def _begin(
        self, start: str, state: State | None, on_unknown: OnUnknown
    ) -> tuple[State, list[int]]:
        """Give the network's state, and what it hasn't read yet, at least one token."""
        if state is None:
            inner, unread = self.stepper.initial_state(), self.prompt(start, on_unknown)
        else:
            want_on_unknown(on_unknown)
            inner, unread = split_state(self.stepper, self.vocabulary, state)
            unread += self.alphabet.encode(start, on_unknown)
        if not unread:
            raise InputError(
                f"{self.stepper.path.name} has no token {START} for the beginning of a text; "
                "give what it begins with"
            )
        return inner, unread

    def _text(
        self,
        length: int,
        stop: str | Sequence[str] | None,
        allow: str | None,
        ban: str | None,
    ) -> PlainText:
        if not isinstance(length, int | np.integer) or length < 1:
            raise InputError(f"length must be a whole number above 0, got {length!r}")
        stops = [stop] if isinstance(stop, str) else list(stop or ())
        if "" in stops:
            raise InputError("stop is empty: leave it, or give the text to stop before")
        return PlainText(self.alphabet.guide(allow, ban), self.end, int(length), stops)

    def _opening(self, start: str, on_unknown: OnUnknown) -> str:
        """Give the start as it was read."""
        if on_unknown != "skip":
            return start
        return self.alphabet.decode(self.alphabet.encode(start, on_unknown))
