"""A finished poem, and which of several is the best."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .forms import Form, split_lines
from .report import Report, check

SIGNATURE = "七步"  # who wrote a poem, in whosever manner
REPETITION_COST, COPY_COST = 1.0, 1.0  # nats a character, in the ranking


def heading_of(author: str, *, simplified: bool = False) -> str:
    """Give what stands above a poem in an author's manner, and by whom it is: 擬杜甫 七步.

    Poets headed so what they wrote after another, and nobody takes it for his.
    """
    return f"{'拟' if simplified else '擬'}{author} {SIGNATURE}"


@dataclass(frozen=True)
class Composition:
    """A finished poem."""

    text: str  # with punctuation, in the script that was wished
    traditional: str  # the same as the model wrote it
    shape: Form
    seed: int  # with `best_of`, the seed of the one that was chosen
    pattern: str | None  # of a regulated form
    rhyme: str | None  # the rhyme group, where there is one
    mean_log_probability: float  # nats a character, of those that the network chose
    heading: str | None = None  # of one in an author's manner, in the script that was wished

    @property
    def form(self) -> str:
        """Name of the form."""
        return self.shape.name

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without punctuation."""
        return tuple(split_lines(self.text))

    @cached_property
    def report(self) -> Report:
        """Which rules the poem keeps."""
        report = check(split_lines(self.traditional), self.shape)
        return replace(report, lines=self.lines, mean_log_probability=self.mean_log_probability)

    def __str__(self) -> str:
        """Give a couplet a line, as Tang poems are printed."""
        text = self.text
        for mark in "。？！；":
            text = text.replace(mark, f"{mark}\n")
        return text.strip("\n")


def best(
    compositions: Sequence[Composition], is_copied: Callable[[str], bool] | None = None
) -> Composition:
    """Choose the likeliest, less what it repeats and what lines of the corpus it holds.

    Args:
        compositions: at least one.
        is_copied: says whether a line stands in the corpus, where that is known.
    """

    def score(poem: Composition) -> float:
        characters = "".join(poem.lines)
        repeated = sum(n - 1 for n in Counter(characters).values()) / max(1, len(characters))
        copied = 0.0
        if is_copied:
            lines = split_lines(poem.traditional)
            copied = sum(map(is_copied, lines)) / max(1, len(lines))
        return poem.mean_log_probability - REPETITION_COST * repeated - COPY_COST * copied

    return max(compositions, key=score)
