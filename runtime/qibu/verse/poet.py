"""Writing poems with a text model."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from ..core.arrays import Float32Array
from ..core.errors import InputError, ModelFileError
from ..core.stepper import Stepper
from ..text.sampling import Sampling, log_softmax
from ..text.seeded_random import uniform_numbers
from ..text.text_part import TextPart
from ..text.token_stream import Writer
from ..text.vocabulary import END, POEM, TITLE, OnUnknown, author_token, form_token
from .classes import Classes
from .composition import Composition, best
from .poem_in_progress import Course, start_course
from .request import Wished, Wishes

if TYPE_CHECKING:
    from typing_extensions import Unpack

BATCH = 64  # poems written at once
MOST = 10_000  # poems asked for at once


class Poet:
    """Writes poems with a text model, character by character.

    Raises:
        ModelFileError: the stepper's file is no text model.
    """

    def __init__(self, stepper: Stepper) -> None:
        if not isinstance(stepper.part, TextPart):
            raise ModelFileError(f"{stepper.path} is no text model that Qibu exported")
        self.stepper = stepper
        self.vocabulary = stepper.part.vocabulary

    @cached_property
    def classes(self) -> Classes:
        """The classes of characters that rules speak of."""
        return Classes(self.vocabulary)

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

        Args:
            form: what the model calls it, `Form.control`.
            author: a name in either script.
            title: characters in either script; of several traditional ones the commonest is read.
            on_unknown: what a character of the title that the model doesn't know does.

        Raises:
            InputError: the model knows no such form or author.
            UnknownCharacterError: the title has a character that the model doesn't know.
        """
        tokens = []
        for kind, value, token in (("form", form, form_token), ("author", author, author_token)):
            if value is None:
                continue
            names = {self.vocabulary.simplify(name): name for name in self.names(token)}
            name = names.get(self.vocabulary.simplify(value))
            if name is None:
                known = "、".join(names.values())
                raise InputError(f"the model knows no {kind} {value!r}; it knows {known}")
            tokens.append(self.vocabulary.id(token(name)))
        if title:
            tokens.append(self.vocabulary.id(TITLE))
            tokens += [choice[0] for choice in self.vocabulary.read(title, on_unknown)]
        return [*tokens, self.vocabulary.id(POEM)]

    def stream(
        self,
        form: str = "七絕",
        *,
        seed: int | None = None,
        sampling: Sampling | None = None,
        **wishes: "Unpack[Wishes]",
    ) -> Iterator[str]:
        """Write a poem, a character at a time, punctuation included.

        Args:
            form: a name in `qibu.verse.forms.FORMS`, in either script.
            seed: 0..2**64-1; the same seed gives the same poem. None: a random one.
            sampling: how a character is drawn.
            wishes: what else the poem is to be, as `qibu.Wishes` lists.

        Raises:
            InputError: a wish can't be had, before the first character.
            UnknownCharacterError: a wish has a character that the model doesn't know.
        """
        wished, prompt = self._plan(form, wishes)
        return self._stream(prompt, wished, choose_seed(seed), sampling or Sampling())

    def compose(
        self,
        form: str = "七絕",
        *,
        seed: int | None = None,
        sampling: Sampling | None = None,
        best_of: int = 1,
        is_copied: Callable[[str], bool] | None = None,
        **wishes: "Unpack[Wishes]",
    ) -> Composition:
        """Write a whole poem; arguments and errors as in `stream`.

        Args:
            form: as in `stream`.
            seed: as in `stream`.
            sampling: as in `stream`.
            best_of: write so many, of seeds that follow one another, and give the best: the
                likeliest, less what it repeats and copies.
            is_copied: says whether a line, in traditional characters, stands in the corpus, as
                `qibu.verse.novelty.CorpusLines.holds` does.
            wishes: as in `stream`.
        """
        poems = self.compose_many(best_of, form, seed=seed, sampling=sampling, **wishes)
        return best(poems, is_copied)

    def compose_many(
        self,
        count: int,
        form: str = "七絕",
        *,
        seed: int | None = None,
        sampling: Sampling | None = None,
        **wishes: "Unpack[Wishes]",
    ) -> list[Composition]:
        """Write several poems side by side, of the seeds from `seed` on; as `compose` otherwise."""
        if not 1 <= count <= MOST:
            raise InputError(f"the number of poems must be 1..{MOST}, got {count}")
        first = choose_seed(seed)
        seeds = [(first + number) % 2**64 for number in range(count)]
        wished, prompt = self._plan(form, wishes)
        poems = []
        for start in range(0, count, BATCH):
            some = seeds[start : start + BATCH]
            courses = [start_course(wished.brief, self.classes) for _ in some]
            self._write(prompt, courses, some, sampling or Sampling())
            poems += [self._finish(c, s, wished) for c, s in zip(courses, some, strict=True)]
        return poems

    def _plan(self, form: str, wishes: Wishes) -> tuple[Wished, list[int]]:
        wished = Wished(form, wishes, self.classes)
        prompt = self.prompt(wished.form.control, wished.author, wished.title, wished.on_unknown)
        return wished, prompt

    def _stream(
        self, prompt: list[int], wished: Wished, seed: int, sampling: Sampling
    ) -> Iterator[str]:
        """Do for one poem what `_write` does for several, with as little as that takes."""
        course = start_course(wished.brief, self.classes)
        writer = Writer(self.stepper, self.stepper.initial_state(), sampling)
        reader = partial(_logits_of, writer, 0)
        spelling = self.vocabulary.spelling(simplified=wished.script == "simplified")
        numbers, uniform = uniform_numbers(seed), np.empty(1, np.float32)
        bias = writer.bias[0]
        pending = prompt  # tokens that the model hasn't read yet
        while not course.done:
            given = course.slot(bias)
            if given is not None:
                course.accept(given, None)
                pending.append(given)
                yield spelling[given]
            else:
                uniform[0] = next(numbers)
                token = int(writer.step(np.array([pending], np.int64), uniform)[0])
                course.accept(token, reader)
                pending = [token]
                if not course.done or token != course.end:
                    yield spelling[token]

    def _finish(self, course: Course, seed: int, wished: Wished) -> Composition:
        text = self.vocabulary.decode(course.tokens)
        return Composition(
            self.vocabulary.simplify(text) if wished.script == "simplified" else text,
            text,
            wished.form,
            seed,
            course.pattern,
            course.rhyme,
            course.log_probability / max(1, course.drawn),
        )

    def _write(
        self,
        prompt: Sequence[int],
        courses: Sequence[Course],
        seeds: Sequence[int],
        sampling: Sampling,
    ) -> None:
        """Take poems of one brief through their form side by side; their courses keep them."""
        batch = len(courses)
        writer = Writer(self.stepper, self.stepper.initial_state(batch), sampling)
        readers = [partial(_logits_of, writer, place) for place in range(batch)]
        numbers = [uniform_numbers(seed) for seed in seeds]
        uniform = np.empty(batch, np.float32)
        rows = list(writer.bias)  # a view for each poem
        end = self.vocabulary.id(END)
        pending = [list(prompt) for _ in courses]  # tokens that the model hasn't read yet
        while not all(course.done for course in courses):
            given = [
                None if course.done else course.slot(row)
                for course, row in zip(courses, rows, strict=True)
            ]
            # a place that is given is so in every poem that goes on
            drawn = all(token is None for token in given)
            if drawn:
                uniform[:] = [next(random) for random in numbers]
                tokens = writer.step(np.array(pending, np.int64), uniform).tolist()
                pending = [[token] for token in tokens]
                self._score(courses, writer.logits, tokens)
            else:
                tokens = [end if token is None else token for token in given]
                pending = [[*old, token] for old, token in zip(pending, tokens, strict=True)]
            for course, token, reader in zip(courses, tokens, readers, strict=True):
                if not course.done:
                    course.accept(token, reader if drawn else None)

    def _score(
        self, courses: Sequence[Course], logits: Float32Array, tokens: Sequence[int]
    ) -> None:
        """Add the log-probabilities of the Chinese characters among the tokens."""
        values = log_softmax(logits)
        for place, (course, token) in enumerate(zip(courses, tokens, strict=True)):
            if not course.done and self.classes.is_han[token]:
                course.log_probability += float(values[place, token])
                course.drawn += 1


def _logits_of(writer: Writer, place: int) -> Float32Array:
    logits: Float32Array = writer.logits[place]
    return logits


def choose_seed(seed: int | None) -> int:
    """Give the seed itself if it is one, or a random one for None."""
    if seed is None:
        return int.from_bytes(os.urandom(4), "big")
    if not 0 <= seed < 2**64:
        raise InputError(f"seed must be 0..2**64-1, got {seed}")
    return seed
