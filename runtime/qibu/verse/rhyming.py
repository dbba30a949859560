"""The rhyme of a regulated poem: its group, the lines that miss it, the first line that borrows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .rules import Line, Rule
from .tones import LEVEL_RHYMES, MARK_LEVEL, MARK_OBLIQUE, Tone, unified

# groups that the first line may borrow from each other (鄰韻)
NEIGHBOURS = ("東冬江", "支微齊佳灰", "魚虞", "真文元寒刪先", "蕭肴豪", "庚青蒸", "覃鹽咸")


@dataclass(frozen=True)
class Rhyme:
    """What a poem rhymes on."""

    group: str | None  # None: fewer than half of the even lines rhyme on any level group
    ends: tuple[str, ...]  # the tones that each line's last character may have, likelier first
    rules: tuple[Rule, ...]


def _level_groups(line: Line) -> tuple[str, ...]:
    return tuple(group for group in line.rhymes if group in LEVEL_RHYMES)


def _neighbour(line: Line, group: str | None) -> str | None:
    """Name the group beside the rhyme's that a line's end is of."""
    beside = next((names for names in NEIGHBOURS if group is not None and group in names), "")
    return next((name for name in _level_groups(line) if name in beside), None)


def _choose_group(first: Line, rhyming: Sequence[Line]) -> str | None:
    """Name the level group of most lines, of at least half of those that are known."""
    known = [line for line in rhyming if line.tones[-1] != Tone.UNKNOWN]
    counts = Counter(group for line in known for group in _level_groups(line))
    candidates = [group for group in LEVEL_RHYMES if 0 < len(known) <= 2 * counts[group]]

    def fits(group: str) -> tuple[int, int, bool, bool, int]:
        used = sum(group not in line.rare for line in known)
        earliest = next(place for place, line in enumerate(known) if group in line.rhymes)
        beside = bool(_neighbour(first, group))
        return counts[group], used, group in first.rhymes, beside, -earliest

    return max(candidates, key=fits, default=None)


def read_rhyme(lines: Sequence[Line]) -> Rhyme:
    """Find the rhyme that most even lines have, and judge all lines' ends by it."""
    group = _choose_group(lines[0], lines[1::2])
    rules, ends = [], []
    for number, line in enumerate(lines, start=1):
        word, tone, place = line.text[-1], line.tones[-1], (number, len(line.text))
        if group in line.rare and (number == 1 or number % 2 == 0):
            usual = " and ".join(name for name in _level_groups(line) if name not in line.rare)
            message = f"a rare reading: poets hardly rhymed {word} on {group}, but on {usual}"
            rules.append(Rule("罕讀", True, message, *place))
        unknown = tone == Tone.UNKNOWN
        rhymes = unknown or (group in line.rhymes if group else bool(tone & Tone.LEVEL))
        if number % 2 == 0:
            ends.append(MARK_LEVEL if unknown or tone & Tone.LEVEL else MARK_OBLIQUE)
            if not rhymes:
                wanted = f"rhyme on {group}" if group else "rhyme on a level tone"
                message = f"even lines must {wanted}, but {word} is {_describe(line)}"
                rules.append(Rule("出韻", False, message, *place))
            continue
        end = MARK_OBLIQUE if unknown or tone & Tone.OBLIQUE else ""
        if number == 1 and rhymes:
            end = MARK_LEVEL + end
        elif number == 1 and not end and (beside := _neighbour(line, group)):
            message = f"the first line borrows: {word} is of {beside}, beside {group}"
            rules.append(Rule("鄰韻", True, message, *place))
            end = MARK_LEVEL
        ends.append(end or MARK_LEVEL)
        if not end:
            wanted = "rhyme or end oblique" if number == 1 else "end oblique"
            message = f"line {number} must {wanted}, but {word} is {_describe(line)}"
            rules.append(Rule("句腳", False, message, *place))
    return Rhyme(group, tuple(ends), tuple(rules))


def _describe(line: Line) -> str:
    """Say the tone and the groups of a line's last character."""
    tone = {Tone.LEVEL: "level", Tone.OBLIQUE: "oblique"}.get(line.tones[-1], "of two tones")
    return f"{tone} ({' and '.join(line.rhymes)})"


def describe_rhyme(lines: Sequence[Line], rhyme: str) -> str:
    """Say what the even lines rhyme on, and with which words."""
    words = " ".join(line.text[-1] for line in lines[1::2])
    return f"the even lines rhyme on {rhyme}: {words}"


def repeated_words(lines: Sequence[Line], *, first_rhymes: bool) -> list[Rule]:
    """List the rhyme words that stood before."""
    rules = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if number % 2 and not (number == 1 and first_rhymes):
            continue
        word = line.text[-1]
        before = seen.setdefault(unified(word), number)
        if before != number:
            other = lines[before - 1].text[-1]
            it = "it" if other == word else f"it as {other}"
            message = f"{word} rhymes line {number}, but line {before} has {it} already"
            rules.append(Rule("重韻", False, message, number, len(line.text)))
    return rules
