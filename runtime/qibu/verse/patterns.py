"""The tone patterns of regulated verse, as data, and the paths that they leave open.

The patterns are those of 王力《詩詞格律》: four kinds of line, whose tones at the places that the
tradition leaves free (一三五不論, as far as it goes) are 中; 孤平 and 三平尾 are not among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from ..core.errors import InputError
from .tones import MARK_TONES

# by line length, then kind: what a line may be; the second way is the one that tradition accepts
# besides (平平仄平仄 for 平平平仄仄, and a level third where the first of 平平仄仄平 is oblique)
LINES: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    5: {
        "A": ("中仄平平仄",),
        "B": ("中平平仄仄", "平平仄平仄"),
        "C": ("中仄仄平平",),
        "D": ("平平中仄平", "仄平平仄平"),
    },
    7: {
        "A": ("中平中仄平平仄",),
        "B": ("中仄中平平仄仄", "中仄平平仄平仄"),
        "C": ("中平中仄仄平平",),
        "D": ("中仄平平中仄平", "中仄仄平平仄平"),
    },
}
CYCLE = "ADBC"  # lines of a couplet oppose, couplets adhere: so the kinds follow one another
RHYMED_FIRST = {"A": "C", "B": "D"}  # what the first line is if it rhymes


@dataclass(frozen=True)
class Pattern:
    """A tone pattern of a line length: 平起 or 仄起 by the second character, first line rhymed."""

    name: str
    rhymed_first: bool
    start: int  # in CYCLE

    def kind(self, line: int) -> str:
        """Give the kind of a line, counted from 0."""
        kind = CYCLE[(self.start + line) % len(CYCLE)]
        return RHYMED_FIRST[kind] if line == 0 and self.rhymed_first else kind


def _name(length: int, start: int, rhymed: bool) -> str:
    kind = CYCLE[start]
    second = LINES[length][RHYMED_FIRST[kind] if rhymed else kind][0][1]
    return f"{second}起首句{'入韻' if rhymed else '不入韻'}"


PATTERNS: Mapping[int, tuple[Pattern, ...]] = {
    length: tuple(
        Pattern(_name(length, start, rhymed), rhymed, start)
        for start, rhymed in product((0, 2), (True, False))
    )
    for length in LINES
}
SIMPLIFIED_WORDS = {"韵": "韻"}
_SIMPLIFIED = str.maketrans(SIMPLIFIED_WORDS)


def find_patterns(length: int, wish: str | None) -> tuple[Pattern, ...]:
    """Give the patterns of a line length whose names hold a wish, such as 平起 or 首句入韻.

    Raises:
        InputError: none does.
    """
    wanted = (wish or "").translate(_SIMPLIFIED)
    found = tuple(pattern for pattern in PATTERNS[length] if wanted in pattern.name)
    if not found:
        names = "、".join(pattern.name for pattern in PATTERNS[length])
        raise InputError(f"pattern must be one of {names}, or a part such as 平起, got {wish!r}")
    return found


Path = tuple[Pattern, str]  # a pattern still possible, and what remains of a line under it


class Place:
    """A place in a poem: what the characters before it leave open there.

    Places are shared; those after one are made when a poem first passes through.
    """

    def __init__(self, line: int, length: int, paths: frozenset[Path]) -> None:
        self.line = line
        self.paths = paths
        self._length = length
        self.tones = 0  # that may stand here
        for _, rest in paths:
            self.tones |= MARK_TONES[rest[0]]
        self.ends_line = all(len(rest) == 1 for _, rest in paths)
        self._after: dict[int, Place] = {}

    @property
    def patterns(self) -> list[str]:
        """Names of the patterns that are still possible."""
        return sorted({pattern.name for pattern, _ in self.paths})

    def fits(self, tone: int) -> frozenset[Path]:
        """Give the paths on which a character of this tone may stand here."""
        return frozenset((p, rest) for p, rest in self.paths if MARK_TONES[rest[0]] & tone)

    def after(self, tone: int) -> "Place":
        """Give the next place once a character of this tone stands here.

        A tone that doesn't fit leaves open what was open: so does a user's own character.
        """
        if tone not in self._after:
            paths = self.fits(tone) or self.paths
            if self.ends_line:
                patterns = frozenset(pattern for pattern, _ in paths)
                self._after[tone] = first_place(self._length, patterns, self.line + 1)
            else:
                rests = frozenset((pattern, rest[1:]) for pattern, rest in paths)
                self._after[tone] = _place(self.line, self._length, rests)
        return self._after[tone]


_place = cache(Place)


def first_place(length: int, patterns: frozenset[Pattern], line: int = 0) -> Place:
    """Give the first place of a line, counted from 0, with these patterns still possible."""
    ways = LINES[length]
    return _place(line, length, frozenset((p, way) for p in patterns for way in ways[p.kind(line)]))
