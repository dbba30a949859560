"""The rhyme of a regulated poem: its group, the lines that miss it, the first line that borrows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .rules import LEVEL, OBLIQUE, Rule
from .tones import LEVEL_RHYMES, Tone, rhymes_of, tone_of

# groups that the first line may borrow from each other (鄰韻)
NEIGHBOURS = ("東冬江", "支微齊佳灰", "魚虞", "真文元寒刪先", "蕭肴豪", "庚青蒸", "覃鹽咸")


@dataclass(frozen=True)
class Rhyme:
    """What a poem rhymes on."""

    group: str | None  # None: no rhyme word is of a known level group
    ends: tuple[str, ...]  # the tones that each line's last character may have
    rules: tuple[Rule, ...]


def level_groups(character: str) -> tuple[str, ...]:
    """Name the level groups of a character; all 30 where its tone is unknown."""
    if tone_of(character) == Tone.UNKNOWN:
        return tuple(LEVEL_RHYMES)
    return tuple(group for group in rhymes_of(character) if group in LEVEL_RHYMES)


def _borrowed(character: str, group: str | None) -> str | None:
    """Name the group beside the rhyme's that a first line's character borrows from."""
    beside = next((set_ for set_ in NEIGHBOURS if group is not None and group in set_), "")
    return next((name for name in level_groups(character) if name in beside), None)


def _choose_group(first: str, words: Sequence[str]) -> str | None:
    """Name the level group of most words, of at least half of them."""
    known = [word for word in words if tone_of(word) != Tone.UNKNOWN]
    counts = Counter(group for word in known for group in level_groups(word))
    candidates = [group for group in LEVEL_RHYMES if 0 < len(known) <= 2 * counts[group]]

    def fits(group: str) -> tuple[int, bool, bool, int]:
        earliest = next(place for place, word in enumerate(known) if group in level_groups(word))
        borrows = _borrowed(first, group) is not None
        return counts[group], group in level_groups(first), borrows, -earliest

    return max(candidates, key=fits, default=None)


def read_rhyme(lines: Sequence[str]) -> Rhyme:
    """Find the rhyme that most even lines have, and judge all lines' ends by it."""
    words = [line[-1] for line in lines]
    group = _choose_group(words[0], words[1::2])
    rules, ends = [], []
    for number, (line, word) in enumerate(zip(lines, words, strict=True), start=1):
        tone, place = tone_of(word), (number, len(line))
        rhymes = group in level_groups(word) if group else bool(tone & Tone.LEVEL)
        rhymes = rhymes or tone == Tone.UNKNOWN
        if number % 2 == 0:
            ends.append(LEVEL if tone & Tone.LEVEL or tone == Tone.UNKNOWN else OBLIQUE)
            if not rhymes:
                rules.append(Rule("韻", False, _misses(word, group), *place))
            continue
        may_be = OBLIQUE if tone & Tone.OBLIQUE or tone == Tone.UNKNOWN else ""
        if number == 1 and rhymes:
            may_be = LEVEL + may_be
        elif number == 1 and not may_be and (beside := _borrowed(word, group)):
            message = f"the first line borrows: {word} is of {beside}, beside {group}"
            rules.append(Rule("鄰韻", True, message, *place))
            may_be = LEVEL
        ends.append(may_be or LEVEL)
        if not may_be:
            wanted = "rhyme or end oblique" if number == 1 else "end oblique"
            message = f"line {number} must {wanted}, but {word} is {_describe(word)}"
            rules.append(Rule("句腳", False, message, *place))
    return Rhyme(group, tuple(ends), tuple(rules))


def _describe(word: str) -> str:
    groups = " and ".join(rhymes_of(word))
    tone = {Tone.LEVEL: "level", Tone.OBLIQUE: "oblique"}.get(tone_of(word), "of two tones")
    return f"{tone} ({groups})" if groups else tone


def _misses(word: str, group: str | None) -> str:
    wanted = f"rhyme on {group}" if group else "rhyme on a level tone"
    return f"even lines must {wanted}, but {word} is {_describe(word)}"


def repeated_words(lines: Sequence[str], first_rhymes: bool) -> list[Rule]:
    """List the rhyme words that stood before."""
    rules = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if number % 2 and not (number == 1 and first_rhymes):
            continue
        if line[-1] in seen:
            message = f"{line[-1]} rhymes line {number}, but line {seen[line[-1]]} has it already"
            rules.append(Rule("重韻", False, message, number, len(line)))
        seen.setdefault(line[-1], number)
    return rules
