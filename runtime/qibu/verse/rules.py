"""The tone rules of regulated verse, of one couplet and between two.

A reading is a line's tones as a string of 平 and 仄: each character of two tones, or of an unknown
one, is read one way. The lines of a poem are read such that the fewest rules break.

Positions are counted as tradition does in lines of five; a line of seven has two characters before
them, which only have to alternate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from .tones import MARK_LEVEL, MARK_OBLIQUE, Tone, rhymes_of, tone_of

_ENGLISH = {MARK_LEVEL: "level", MARK_OBLIQUE: "oblique"}
_OTHER = {MARK_LEVEL: MARK_OBLIQUE, MARK_OBLIQUE: MARK_LEVEL}


@dataclass(frozen=True)
class Rule:
    """A rule that a poem keeps or breaks, and where."""

    name: str
    kept: bool
    message: str
    line: int | None = None  # from 1
    character: int | None = None  # from 1


@dataclass(frozen=True)
class Line:
    """A line with what the rules ask of its characters."""

    text: str
    tones: tuple[Tone, ...]
    rhymes: tuple[str, ...]  # the groups of its last character
    rare: tuple[str, ...]  # those of them that poets hardly rhymed it on

    @classmethod
    def read(cls, text: str, *, simplified: bool = False) -> "Line":
        """Look a line's characters up; `simplified` as for `rhymes_of`."""
        rhymes, used = (rhymes_of(text[-1], simplified=simplified, rare=r) for r in (True, False))
        return cls(
            text,
            tuple(tone_of(character, simplified=simplified) for character in text),
            rhymes,
            tuple(name for name in rhymes if name not in used),
        )


@dataclass(frozen=True)
class Finding:
    """A rule broken, or bent as tradition allows, at a place in a couplet."""

    name: str
    kept: bool
    message: str  # {0}, {1}, … stand for the characters at the places
    places: tuple[tuple[int, int], ...]  # (line of the couplet from 0, character from 1)

    def rule(self, lines: Sequence[Line], first: int) -> Rule:
        """Say it of the couplet of a poem that starts at line `first` (from 0)."""
        labels = [
            f"{lines[first + row].text[place - 1]} (line {first + row + 1}, character {place})"
            for row, place in self.places
        ]
        row, character = self.places[0]
        return Rule(self.name, self.kept, self.message.format(*labels), first + row + 1, character)


@dataclass(frozen=True)
class Reading:
    """How a poem's lines are read, and what that breaks or bends."""

    tones: tuple[str, ...]  # empty for a line that can't be judged
    rules: tuple[Rule, ...]


def _alternation(first: str, second: str) -> Iterator[Finding]:
    for row, reading in enumerate((first, second)):
        for position in range(2, len(reading) - 1, 2):
            here, after = reading[position - 1], reading[position + 1]
            if here != after:
                continue
            tail = reading[-5:]
            is_last = position + 2 == len(reading) - 1
            places = ((row, position + 2), (row, position))
            # Tang poets begin such a line with a level character in 86% of fives, 95% of sevens
            is_exchanged = tail[1:] == "平仄平仄" and (tail[0] == MARK_LEVEL or len(reading) == 5)
            if is_last and row == 0 and is_exchanged:
                message = (
                    f"{tail} stands for {tail[0]}平平仄仄 (三拗四救): "
                    "{0} is level, for {2} is oblique"
                )
                yield Finding("本句自救", True, message, (*places, (row, position + 1)))
            elif is_last and row == 0 and tail[3:] == "仄仄" and second[-4:] == "平平仄平":
                saviour = (1, len(second) - 2)
                message = (
                    "{0} is oblique as {1} is (大拗); {2} saves it, level in the line that answers"
                )
                yield Finding("對句相救", True, message, (*places, saviour))
            else:
                message = (
                    f"{{0}} must be {_ENGLISH[_OTHER[here]]}, for {{1}} is {_ENGLISH[here]}: "
                    "the even characters of a line alternate"
                )
                yield Finding("拗", False, message, places)


def _tails(first: str, second: str) -> Iterator[Finding]:
    for row, reading in enumerate((first, second)):
        tail, start = reading[-5:], len(reading) - 4
        if tail[1:2] + tail[3:] == "平仄平" and tail[0] == MARK_OBLIQUE:
            places = ((row, start), (row, start + 2))
            if tail[2] == MARK_OBLIQUE:
                message = "{0} is oblique and so is {1}: a level character stands alone"
                yield Finding("孤平", False, message, places)
            else:
                message = (
                    "{0} is oblique where level is due (孤平拗救); "
                    "{1} saves it, level in the same line"
                )
                yield Finding("本句自救", True, message, places)
        ends = tuple((row, start + shift) for shift in (2, 3, 4))
        if tail[2:] == MARK_LEVEL * 3:
            yield Finding("三平尾", False, "{0}, {1} and {2} are all level at the line's end", ends)
        elif tail[2:] == MARK_OBLIQUE * 3 and tail[1] == MARK_LEVEL:
            message = "{0}, {1} and {2} are all oblique at the line's end; tradition bears it"
            yield Finding("三仄尾", True, message, ends)
    if first[-4:] == "仄仄平仄" and second[-4:] == "平平仄平":
        message = (
            "{0} is oblique where level is due (小拗); {1} saves it, level in the line that answers"
        )
        yield Finding("對句相救", True, message, ((0, len(first) - 2), (1, len(second) - 2)))


@lru_cache(maxsize=1 << 16)
def couplet_findings(first: str, second: str) -> tuple[Finding, ...]:
    """Judge the readings of a couplet's lines; either is empty if it can't be judged."""
    found = [*_alternation(first, second), *_tails(first, second)]
    if first and second and first[1] == second[1]:
        message = (
            f"{{0}} must be {_ENGLISH[_OTHER[first[1]]]}, for {{1}} is {_ENGLISH[first[1]]}: "
            "the lines of a couplet oppose"
        )
        found.append(Finding("失對", False, message, ((1, 2), (0, 2))))
    return tuple(found)


def _adhesion(before: str, after: str) -> Finding | None:
    if not before or not after or before[1] == after[1]:
        return None
    message = (
        f"{{0}} must be {_ENGLISH[before[1]]} as {{1}} is: a couplet starts like the line before it"
    )
    return Finding("失粘", False, message, ((1, 2), (0, 2)))


def _readings(line: Line, length: int, ends: str) -> list[str]:
    """List the ways to read a line that can be judged, its last character as `ends` allows."""
    if len(line.text) != length:
        return [""]
    return [
        "".join(tones) for tones in product(*(_CHOICES[tone] for tone in line.tones[:-1]), ends)
    ]


_CHOICES: Mapping[Tone, str] = {
    Tone.LEVEL: MARK_LEVEL,
    Tone.OBLIQUE: MARK_OBLIQUE,
    Tone.LEVEL | Tone.OBLIQUE: MARK_LEVEL + MARK_OBLIQUE,
    Tone.UNKNOWN: MARK_LEVEL + MARK_OBLIQUE,
}

_Cost = tuple[int, int]  # rules broken, rules bent


def read_tones(lines: Sequence[Line], length: int, ends: Sequence[str]) -> Reading:
    """Read a poem such that the fewest rules break, and of these readings the fewest bend.

    Args:
        lines: the poem.
        length: five or seven; a line of any other length isn't judged.
        ends: for each line the tones that its last character may have, the likelier first.
    """
    choices = [_readings(line, length, end) for line, end in zip(lines, ends, strict=True)]
    if len(choices) % 2:
        choices.append([""])
    # a couplet touches the next only by its second characters: one best reading for each of those
    best: dict[str, tuple[_Cost, tuple[str, ...]]] = {"": ((0, 0), ())}
    for start in range(0, len(choices), 2):
        following: dict[str, tuple[_Cost, tuple[str, ...]]] = {}
        for pair in product(*choices[start : start + 2]):
            found = couplet_findings(*pair)
            broken = sum(not finding.kept for finding in found)
            for before, (cost, path) in best.items():
                parts = _adhesion(before, pair[0]) is not None
                total = (cost[0] + broken + parts, cost[1] + len(found) - broken)
                key = pair[1][:2]
                if key not in following or total < following[key][0]:
                    following[key] = (total, (*path, *pair))
        best = following
    tones = min(best.values(), key=lambda entry: entry[0])[1]
    rules = []
    for start in range(0, len(tones), 2):
        if start and (finding := _adhesion(tones[start - 1], tones[start])):
            rules.append(finding.rule(lines, start - 1))
        for finding in couplet_findings(tones[start], tones[start + 1]):
            rules.append(finding.rule(lines, start))
    return Reading(tones[: len(lines)], tuple(rules))
