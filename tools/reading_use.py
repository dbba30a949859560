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


class Position(NamedTuple):
    """A place at which regulated verse fixes the tone."""

    line: str
    at: int  # of the line, from 0
    tone: Tone

    @property
    def character(self) -> str:
        """What stands there."""
        return self.line[self.at]


def fixed_positions(lines: Sequence[str], first: Tone) -> Iterator[Position]:
    """Give the places of fixed tone.

    Args:
        lines: an even number of lines, all of 5 or all of 7 characters.
        first: the tone of the first line's second character.
    """
    for number, line in enumerate(lines):
        rhymed = number % 2 == 1
        tone = first if number % 4 in (0, 3) else OTHER[first]
        # poets vary the last but one of an unrhymed line: 平平仄平仄, 野火燒不盡
        for index in range(1, len(line) - 1 if rhymed else len(line) - 3, 2):
            yield Position(line, index, tone)
            tone = OTHER[tone]
        if number:  # the first line may rhyme or not
            yield Position(line, len(line) - 1, Tone.LEVEL if rhymed else Tone.OBLIQUE)


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


def settled_positions(text: str, tone_of: ToneOf, breaks: int = 0) -> Sequence[Position]:
    """Give the places whose tone a poem settles: none where it breaks the pattern more often.

    Args:
        text: of the poem.
        tone_of: says UNKNOWN where any tone may stand.
        breaks: how often it may; a poem that does so settles the broken places alone.
    """
    lines = _lines_of(text)
    readings = []
    for first in (Tone.LEVEL, Tone.OBLIQUE):
        fixed = list(fixed_positions(lines, first))
        tones = [tone_of(place.character) for place in fixed]
        broken = [
            place
            for place, tone in zip(fixed, tones, strict=True)
            if tone and not tone & place.tone
        ]
        readings.append((len(broken), first, fixed, broken))
    count, _, fixed, broken = min(readings, key=lambda reading: reading[:2])
    return (broken or fixed) if count <= breaks else ()


def count_uses(texts: Iterable[str], tone_of: ToneOf) -> dict[str, Use]:
    """Count the tones that poems use; `tone_of` says UNKNOWN where any tone may stand."""
    counts: dict[str, list[int]] = {}
    for text in texts:
        for place in settled_positions(text, tone_of, breaks=1):
            counts.setdefault(place.character, [0, 0])[place.tone is Tone.OBLIQUE] += 1
    return {character: Use(*pair) for character, pair in counts.items()}


def count_words(texts: Iterable[str], tone_of: ToneOf) -> dict[tuple[str, int], Use]:
    """Count the tones of characters that may have two beside each of their neighbours.

    Returns:
        By a word of two characters, and which of them (0 or 1) is counted.
    """
    counts: dict[tuple[str, int], list[int]] = {}
    for text in texts:
        for line, index, tone in settled_positions(text, tone_of):
            if tone_of(line[index]) != Tone.LEVEL | Tone.OBLIQUE:
                continue
            for start in (index - 1, index):
                if 0 <= start < len(line) - 1:
                    key = line[start : start + 2], index - start
                    counts.setdefault(key, [0, 0])[tone is Tone.OBLIQUE] += 1
    return {key: Use(*pair) for key, pair in counts.items()}
