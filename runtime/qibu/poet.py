"""Writing poems with a text model."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .arrays import Float32Array
from .errors import InputError, ModelFileError
from .forms import FORMS, LINE_END, Form, split_lines
from .random import uniform_numbers
from .sampling import Sampling
from .stepper import Stepper
from .vocabulary import END, POEM, TITLE, OnUnknown, author_token, form_token, is_han
from .writer import Writer

LONGEST = 400  # characters, where nothing else brings a poem of a free form to its end


@dataclass(frozen=True)
class Composition:
    """A finished poem."""

    lines: tuple[str, ...]  # without punctuation
    text: str  # with it
    form: str
    seed: int

    def __str__(self) -> str:
        """Give a couplet a line, as Tang poems are printed."""
        text = self.text
        for mark in "。？！；":
            text = text.replace(mark, f"{mark}\n")
        return text.strip("\n")


class Poet:
    """Writes poems with a text model, character by character.

    Raises:
        ModelFileError: the stepper's file is no text model.
    """

    def __init__(self, stepper: Stepper) -> None:
        if stepper.spec is None or stepper.spec.vocabulary is None:
            raise ModelFileError(f"{stepper.path} is no text model that Qibu exported")
        self.stepper = stepper
        self.vocabulary = stepper.spec.vocabulary
        self._character = self._mask(is_han)
        self._any = self._mask(lambda token: is_han(token) or token in (*LINE_END, END))

    def _mask(self, allows: Callable[[str], bool]) -> Float32Array:
        """Give a bias row (1, vocabulary): 0 where a token is allowed, -inf elsewhere."""
        tokens = (self.vocabulary.token(number) for number in range(len(self.vocabulary)))
        allowed = np.array([allows(token) for token in tokens])
        return np.where(allowed, np.float32(0), np.float32(-np.inf))[None]

    def names(self, token: Callable[[str], str]) -> list[str]:
        """List the forms (`form_token`) or authors (`author_token`) that the model knows."""
        before, after = token("|").split("|")
        return [
            control.removeprefix(before).removesuffix(after)
            for control in self.vocabulary.controls
            if control.startswith(before)
        ]

    def prompt(
        self,
        form: str | None = None,
        author: str | None = None,
        title: str | None = None,
        on_unknown: OnUnknown = "fail",
    ) -> list[int]:
        """Give the tokens that stand before a poem.

        Raises:
            InputError: the model knows no such form or author.
            UnknownCharacterError: the title has a character that the model doesn't know.
        """
        tokens = []
        for kind, value, token in (("form", form, form_token), ("author", author, author_token)):
            if value is None:
                continue
            if token(value) not in self.vocabulary:
                known = "、".join(self.names(token))
                raise InputError(f"the model knows no {kind} {value!r}; it knows {known}")
            tokens.append(self.vocabulary.id(token(value)))
        if title:
            tokens += [self.vocabulary.id(TITLE), *self.vocabulary.encode(title, on_unknown)]
        return [*tokens, self.vocabulary.id(POEM)]

    def stream(
        self,
        form: str = "七絕",
        *,
        start: str = "",
        author: str | None = None,
        title: str | None = None,
        seed: int | None = None,
        sampling: Sampling | None = None,
        on_unknown: OnUnknown = "fail",
    ) -> Iterator[str]:
        """Write a poem, a character at a time, punctuation included.

        Args:
            form: a name in `qibu.forms.FORMS`. One with a fixed shape always gets that shape.
            start: the first characters; punctuation is only kept where the form is free.
            author: one of the authors that the model knows, in whose manner it then writes.
            title: what the poem is about.
            seed: 0..2**64-1; the same seed gives the same poem. None: a random one.
            sampling: how a character is drawn.
            on_unknown: what a character in start or title that the model doesn't know does.

        Raises:
            InputError: the form, author, start or seed doesn't fit; before the first character.
            UnknownCharacterError: start or title has a character that the model doesn't know.
        """
        seed = choose_seed(seed)
        prompt = self.prompt(form, author, title, on_unknown)
        opening = self._opening(start, FORMS[form], on_unknown)
        return self._write(prompt, opening, FORMS[form], seed, sampling or Sampling())

    def compose(
        self,
        form: str = "七絕",
        *,
        start: str = "",
        author: str | None = None,
        title: str | None = None,
        seed: int | None = None,
        sampling: Sampling | None = None,
        on_unknown: OnUnknown = "fail",
    ) -> Composition:
        """Write a whole poem; arguments and errors as in `stream`."""
        seed = choose_seed(seed)
        characters = self.stream(
            form,
            start=start,
            author=author,
            title=title,
            seed=seed,
            sampling=sampling,
            on_unknown=on_unknown,
        )
        text = "".join(characters)
        return Composition(tuple(split_lines(text)), text, form, seed)

    def _opening(self, start: str, form: Form, on_unknown: OnUnknown) -> str:
        """Check the given characters and leave out what doesn't go into the form."""
        if form.line_count and form.line_length:
            start = "".join(character for character in start if character not in LINE_END)
            room = form.line_count * form.line_length
            if len(start) > room:
                raise InputError(
                    f"start has {len(start)} characters, a {form.name} has room for {room}"
                )
        elif len(start) > LONGEST:
            raise InputError(f"start has {len(start)} characters, at most {LONGEST} are read")
        known = self.vocabulary.encode(start, on_unknown)
        strange = [self.vocabulary.token(number) for number in known]
        if on_unknown == "replace" and any(len(token) > 1 for token in strange):
            raise InputError("start can't hold <unk>: leave unknown characters out with 'skip'")
        return "".join(strange)

    def _write(
        self, prompt: list[int], opening: str, form: Form, seed: int, sampling: Sampling
    ) -> Iterator[str]:
        writer = Writer(self.stepper, self.stepper.initial_state(), sampling)
        bias = self._character if form.line_count else self._any
        numbers = uniform_numbers(seed)
        uniform = np.empty(1, np.float32)
        pending = prompt  # tokens that the model hasn't read yet
        given = iter(opening)
        for mark in _marks(form):
            character = mark or next(given, None)
            if character is None:
                uniform[0] = next(numbers)
                drawn = writer.step(np.array([pending], np.int64), bias, uniform)
                number = int(drawn[0])
                character = self.vocabulary.token(number)
                if character == END:
                    return
                pending = [number]
            else:
                pending = [*pending, self.vocabulary.id(character)]
            yield character


def _marks(form: Form) -> Iterator[str | None]:
    """Give for each position the punctuation that the form puts there, or None."""
    if form.line_count is None or form.line_length is None:
        yield from [None] * LONGEST
        return
    for line in range(form.line_count):
        yield from [None] * form.line_length
        yield "。" if line % 2 else "，"


def choose_seed(seed: int | None) -> int:
    """Give the seed itself if it is one, or a random one for None."""
    if seed is None:
        return int.from_bytes(os.urandom(4), "big")
    if not 0 <= seed < 2**64:
        raise InputError(f"seed must be 0..2**64-1, got {seed}")
    return seed
