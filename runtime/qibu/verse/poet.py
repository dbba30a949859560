"""Writing poems with a text model."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ..core.arrays import Float32Array
from ..core.errors import InputError, ModelFileError
from ..core.stepper import Stepper
from ..text.drawing import draw
from ..text.sampling import Sampling, log_softmax
from ..text.seeded_random import choose_seed, following_seeds
from ..text.vocabulary import OnUnknown
from ..text.writer import BATCH, MOST, Writer
from .classes import Classes
from .composition import Composition, best, heading_of
from .poem_in_progress import PoemInProgress, start_poem
from .prompt import author_token, encode_prompt, names_of, want_poem_controls
from .request import Request, Wishes

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Poet:
    """A `Writer` that keeps to the forms of verse: writes poems, character by character.

    Raises:
        ModelFileError: the stepper's file is no text model, or one of another text than poems.
    """

    def __init__(self, stepper: Stepper) -> None:
        self.writer = Writer(stepper)
        self.stepper, self.vocabulary = stepper, self.writer.vocabulary
        try:
            want_poem_controls(self.vocabulary)
        except ModelFileError as error:
            raise ModelFileError(f"{stepper.path}: {error}") from error

    @cached_property
    def classes(self) -> Classes:
        """The classes of characters that rules speak of."""
        return Classes(self.vocabulary)

    def names(self, token: Callable[[str], str]) -> list[str]:
        """List the forms (`form_token`) or authors (`author_token`) that the model knows."""
        return names_of(self.vocabulary, token)

    def heading(self, author: str, script: str) -> str:
        """Give what stands above a poem in an author's manner: `heading_of`, in one script."""
        simplified = script == "simplified"
        return heading_of(self._in_script(author, simplified), simplified=simplified)

    def _in_script(self, author: str, simplified: bool) -> str:
        simplify = self.vocabulary.simplify
        if simplified:
            return simplify(author)
        return next(
            (n for n in self.names(author_token) if simplify(n) == simplify(author)), author
        )

    def prompt(
        self,
        form: str | None = None,
        author: str | None = None,
        title: str | None = None,
        on_unknown: OnUnknown = "fail",
    ) -> list[int]:
        """Give the tokens that stand before a poem: `encode_prompt`; an empty title is none."""
        return encode_prompt(self.vocabulary, form, author, title or None, on_unknown)

    def specimen(self) -> list[int]:
        """Give the characters of a couplet, for a file's own trace."""
        return [self.vocabulary.get(character) for character in "白日依山盡，黃河入海流。"]

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
        request, prompt = self._plan(form, wishes)
        return self._stream(prompt, request, choose_seed(seed), sampling or Sampling())

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
        seeds = following_seeds(seed, count)
        request, prompt = self._plan(form, wishes)
        written = []
        for start in range(0, count, BATCH):
            some = seeds[start : start + BATCH]
            poems = [start_poem(request.brief, self.classes) for _ in some]
            self._write(prompt, poems, some, sampling or Sampling())
            written += [self._finish(p, s, request) for p, s in zip(poems, some, strict=True)]
        return written

    def _plan(self, form: str, wishes: Wishes) -> tuple[Request, list[int]]:
        request = Request(form, wishes, self.classes)
        prompt = self.prompt(
            request.form.control, request.author, request.title, request.on_unknown
        )
        return request, prompt

    def _stream(
        self, prompt: list[int], request: Request, seed: int, sampling: Sampling
    ) -> Iterator[str]:
        poem = start_poem(request.brief, self.classes)
        steps = self.writer.steps(1, sampling)
        spelling = self.vocabulary.spelling(simplified=request.script == "simplified")
        for (token,), _ in draw(steps, prompt, [poem], [seed]):
            if token != poem.end:
                yield spelling[token]

    def _write(
        self,
        prompt: Sequence[int],
        poems: Sequence[PoemInProgress],
        seeds: Sequence[int],
        sampling: Sampling,
    ) -> None:
        """Take poems of one brief through their form side by side, and score them."""
        steps = self.writer.steps(len(poems), sampling)
        for tokens, drawn in draw(steps, prompt, poems, seeds):
            if drawn:
                self._score(poems, steps.logits, tokens)

    def _score(
        self, poems: Sequence[PoemInProgress], logits: Float32Array, tokens: Sequence[int]
    ) -> None:
        """Add the log-probabilities of the Chinese characters among the tokens."""
        values = log_softmax(logits)
        for place, (poem, token) in enumerate(zip(poems, tokens, strict=True)):
            if not poem.done and self.classes.is_han[token]:
                poem.log_probability += float(values[place, token])
                poem.drawn += 1

    def _finish(self, poem: PoemInProgress, seed: int, request: Request) -> Composition:
        text = self.vocabulary.decode(poem.tokens)
        return Composition(
            self.vocabulary.simplify(text) if request.script == "simplified" else text,
            text,
            request.form,
            seed,
            poem.pattern,
            poem.rhyme,
            poem.log_probability / max(1, poem.drawn),
            self.heading(request.author, request.script) if request.author else None,
        )
