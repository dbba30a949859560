"""Regulated verse (近體) judged: its pattern, its rhyme, and each rule kept or broken."""

from collections.abc import Sequence
from dataclasses import dataclass

from .rhyming import describe_rhyme, read_rhyme, repeated_words
from .rules import Line, Rule, read_tones
from .tones import MARK_LEVEL

# the rules of regulated verse: what each says where it is kept, and the name of its fault
_RULES = {
    "韻": ("the even lines rhyme", "出韻"),
    "重韻": ("no rhyme word stands twice", "重韻"),
    "句腳": ("lines that don't rhyme end oblique", "句腳"),
    "平仄": ("the even characters of each line alternate", "拗"),
    "孤平": ("no level character stands alone", "孤平"),
    "三平尾": ("no line ends in three level characters", "三平尾"),
    "對": ("the lines of a couplet oppose", "失對"),
    "粘": ("couplets start like the line before them", "失粘"),
}
_NAMES = {fault: name for name, (_, fault) in _RULES.items()}


@dataclass(frozen=True)
class Judgement:
    """What a poem's rhyme and tones are, and the rules on them."""

    pattern: str | None  # such as 仄起首句入韻; None where tones are free
    rhyme: str | None  # the group of all rhymes, such as 東
    rules: tuple[Rule, ...]

    @property
    def faults(self) -> tuple[Rule, ...]:
        """The rules broken, once for each place."""
        return tuple(rule for rule in self.rules if not rule.kept)


def judge_regulated(lines: Sequence[Line], length: int) -> Judgement:
    """Judge lines, those that have `length` characters by their tones too."""
    rhyme = read_rhyme(lines)
    reading = read_tones(lines, length, rhyme.ends)
    misfits = {rule.line for rule in rhyme.rules if not rule.kept}
    opening = reading.tones[0]
    enters = opening[-1:] == MARK_LEVEL and 1 not in misfits
    found = [*rhyme.rules, *repeated_words(lines, first_rhymes=enters), *reading.rules]
    names = {rule.name for rule in found}
    for name, (message, fault) in _RULES.items():
        if fault not in names:
            told = describe_rhyme(lines, rhyme.group) if name == "韻" and rhyme.group else message
            found.append(Rule(name, True, told))
    order = list(_RULES)

    def place(rule: Rule) -> tuple[int, str]:
        name = _NAMES.get(rule.name, rule.name)
        return (order.index(name), "") if name in order else (len(order), rule.name)

    pattern = f"{opening[1]}起首句{'入韻' if enters else '不入韻'}" if opening else None
    return Judgement(pattern, rhyme.group, tuple(sorted(found, key=place)))
