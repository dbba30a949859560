"""Count with which tone, and in which rhyme group, the Tang poems use each character.

Regulated verse fixes the tones of a line's even characters and of its last one. Where a poem keeps
the pattern everywhere, or everywhere but once, each of these positions shows a tone in use.

The even lines of a poem rhyme: where all their last characters share one level group alone, each of
them shows a reading in use.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from qibu.verse.forms import split_lines
from qibu.verse.tones import Tone

ToneOf = Callable[[str], Tone]

OTHER = {Tone.LEVEL: Tone.OBLIQUE, Tone.OBLIQUE: Tone.LEVEL}


class Use(NamedTuple):
    """At how many fixed positions a character is level, and at how many oblique."""

    level: int = 0
    oblique: int = 0

    def of(self, tone: Tone) -> int:
        """Count the positions of one tone."""
        return self.level if tone is Tone.LEVEL else self.oblique

    def is_ever(self, tone: Tone, share: float, count: int) -> bool:
        """Say whether a tone has at least this share or this many of the positions."""
        return self.of(tone) >= share * (self.level + self.oblique) or self.of(tone) >= count


def fixed_positions(lines: Sequence[str], first: Tone) -> Iterator[tuple[str, Tone]]:
    """Give the characters at fixed positions, each with the tone wanted of it.

    Args:
        lines: an even number of lines, all of 5 or all of 7 characters.
        first: the tone of the first line's second character.
    """
    for number, line in enumerate(lines):
        rhymed = number % 2 == 1
        tone = first if number % 4 in (0, 3) else OTHER[first]
        # poets vary the last but one of an unrhymed line: 平平仄平仄, 野火燒不盡
        for index in range(1, len(line) - 1 if rhymed else len(line) - 3, 2):
            yield line[index], tone
            tone = OTHER[tone]
        if number:  # the first line may rhyme or not
            yield line[-1], Tone.LEVEL if rhymed else Tone.OBLIQUE


def _lines_of(text: str) -> list[str]:
    """Give the lines of a poem whose couplets have five or seven characters a line; else none."""
    lines = split_lines(text)
    regular = {len(line) for line in lines} in ({5}, {7}) and len(lines) >= 4
    return lines if regular and len(lines) % 2 == 0 else []


def count_rhymes(
    texts: Iterable[str], groups_of: Callable[[str], Iterable[str]]
) -> Mapping[str, Counter[str]]:
    """Count for each character in which groups poems rhyme it.

    Args:
        texts: of poems.
        groups_of: gives the level groups in which a character stands.
    """
    counts: dict[str, Counter[str]] = {}
    for text in texts:
        ends = [line[-1] for line in _lines_of(text)[1::2]]
        shared = set.intersection(*(set(groups_of(end)) for end in ends)) if ends else set()
        if len(shared) == 1:
            for end in ends:
                counts.setdefault(end, Counter()).update(shared)
    return counts


def count_uses(texts: Iterable[str], tone_of: ToneOf) -> dict[str, Use]:
    """Count the tones that poems use; `tone_of` says UNKNOWN where any tone may stand."""
    counts: dict[str, list[int]] = {}
    for text in texts:
        lines = _lines_of(text)
        if not lines:
            continue
        readings = []
        for first in (Tone.LEVEL, Tone.OBLIQUE):
            fixed = list(fixed_positions(lines, first))
            broken = [pair for pair in fixed if tone_of(pair[0]) and not tone_of(pair[0]) & pair[1]]
            readings.append((len(broken), first, fixed, broken))
        breaks, _, fixed, broken = min(readings)
        if breaks > 1:
            continue
        for character, tone in broken or fixed:
            counts.setdefault(character, [0, 0])[tone is Tone.OBLIQUE] += 1
    return {character: Use(*pair) for character, pair in counts.items()}
