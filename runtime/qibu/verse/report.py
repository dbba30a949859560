"""A report on a poem: its form, tones and rhyme, and each rule that it keeps or breaks.

It judges by the rules of tradition alone and knows nothing of the tables that composition uses.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .forms import FEWEST_EXTENDED_LINES, Form, find_form, form_of
from .pasted import any_size, may_have, read_lines
from .rhyming import read_rhyme, repeated_words
from .rules import Line, Rule, read_tones
from .tones import MARK_EITHER, MARK_LEVEL, MARK_OBLIQUE, RHYMES, Tone, is_simplified

_MARKS = {
    Tone.LEVEL: MARK_LEVEL,
    Tone.OBLIQUE: MARK_OBLIQUE,
    Tone.LEVEL | Tone.OBLIQUE: MARK_EITHER,
    Tone.UNKNOWN: "？",
}
# the rules of regulated verse, and what they say when nothing breaks them
_REGULATED = {
    "韻": "the even lines rhyme",
    "重韻": "no rhyme word stands twice",
    "句腳": "lines that don't rhyme end oblique",
    "平仄": "the even characters of each line alternate",
    "孤平": "no level character stands alone",
    "三平尾": "no line ends in three level characters",
    "對": "the lines of a couplet oppose",
    "粘": "couplets start like the line before them",
}


@dataclass(frozen=True)
class Report:
    """What a poem is, and each rule that it keeps or breaks."""

    form: str
    pattern: str | None  # such as 仄起首句入韻; None where tones are free
    rhyme: str | None  # the rhyme group, such as 東
    lines: tuple[str, ...]
    tones: tuple[str, ...]  # a mark a character: 平 level, 仄 oblique, 中 either, ？ unknown
    rules: tuple[Rule, ...]
    mean_log_probability: float | None = None  # nats a character; None for a poem from elsewhere

    @property
    def passed(self) -> bool:
        """Whether every rule is kept."""
        return all(rule.kept for rule in self.rules)

    @property
    def broken(self) -> tuple[Rule, ...]:
        """The rules that the poem breaks, once for each place."""
        return tuple(rule for rule in self.rules if not rule.kept)

    def to_json(self) -> dict[str, Any]:
        """Give the report as values that `json` writes."""
        return {
            **asdict(self),
            "lines": list(self.lines),
            "tones": list(self.tones),
            "rules": [asdict(rule) for rule in self.rules],
            "passed": self.passed,
        }

    def __str__(self) -> str:
        count = len(self.broken)
        verdict = "every rule kept" if not count else f"{count} rule{'s' * (count > 1)} broken"
        facts = [self.form, self.pattern, self.rhyme and f"{self.rhyme}韻", verdict]
        width = max(map(len, self.lines))
        rows = [
            f"{number:>2}  {line:\u3000<{width}}  {tones:\u3000<{width}}  {self._end_mark(number)}"
            for number, (line, tones) in enumerate(zip(self.lines, self.tones, strict=True), 1)
        ]
        judged = [
            f"{'✗' if not rule.kept else '·' if rule.line else '✓'} {rule.name}: {rule.message}"
            for rule in sorted(self.rules, key=lambda rule: rule.kept)
        ]
        if self.mean_log_probability is not None:
            judged.append(f"mean log-probability {self.mean_log_probability:.2f} nats a character")
        blocks = ["  ".join(fact for fact in facts if fact), "", *rows, "", *judged]
        return "\n".join(row.rstrip() for row in blocks)

    def _end_mark(self, number: int) -> str:
        rhymes = number % 2 == 0 or (number == 1 and "不" not in (self.pattern or "不"))
        return "韻" if rhymes and self.rhyme else ""


def check(text_or_lines: str | Sequence[str], form: str | Form | None = None) -> Report:
    """Judge a poem by the rules of its form.

    Characters of two tones or of none known are read in the way that breaks the fewest rules.

    Args:
        text_or_lines: the poem in either script, with or without punctuation, or its lines.
        form: what it should be, such as "七律"; None: what its shape says. A shape that no
            regulated form has is broken unless a free form ("五古", "七古", "古風") is asked for.

    Raises:
        InputError: the text is empty, holds what isn't Chinese or can't be cut into lines; the
            form is unknown.
    """
    wanted = any_size(find_form(form)) if isinstance(form, str) else form
    texts = read_lines(text_or_lines, wanted)
    simplified = is_simplified("".join(texts))
    lines = [Line.read(text, simplified=simplified) for text in texts]
    actual = wanted or form_of(texts)
    if actual.regulated and actual.line_length:
        pattern, rhyme, found = _judge_regulated(lines, actual.line_length)
    else:
        pattern, rhyme, found = None, *_describe_free_rhyme(lines)
    rules = (
        *_shape_rules(texts, actual, asked=wanted is not None),
        *found,
        *_repetition_rules(texts, actual),
    )
    marks = tuple("".join(_MARKS[tone] for tone in line.tones) for line in lines)
    return Report(actual.name, pattern, rhyme, tuple(texts), marks, rules)


def _shape_rules(lines: Sequence[str], form: Form, *, asked: bool) -> list[Rule]:
    rules = []
    if not form.regulated and not asked:
        lengths = sorted({len(line) for line in lines})
        message = (
            f"{len(lines)} lines of {' to '.join(map(str, lengths[:: max(1, len(lengths) - 1)]))} "
            f"characters are no regulated form; as {form.name} (--form {form.name}) tones are free"
        )
        rules.append(Rule("體", False, message))
    free = f"an even number from {FEWEST_EXTENDED_LINES}" if form.regulated else "any number"
    message = f"{len(lines)} lines; {form.name} has {form.line_count or free}"
    rules.append(Rule("句數", may_have(form, len(lines)), message))
    if form.line_length is not None:
        wrong = [
            Rule(
                "字數", False, f"{line} has {len(line)} characters, not {form.line_length}", number
            )
            for number, line in enumerate(lines, start=1)
            if len(line) != form.line_length
        ]
        rules += wrong or [Rule("字數", True, f"every line has {form.line_length} characters")]
    return rules


def _judge_regulated(
    lines: Sequence[Line], length: int
) -> tuple[str | None, str | None, list[Rule]]:
    """Give the pattern, the rhyme group, and the rules of rhyme and tone in their order."""
    rhyme = read_rhyme(lines)
    reading = read_tones(lines, length, rhyme.ends)
    misfits = {rule.line for rule in rhyme.rules if not rule.kept}
    opening = reading.tones[0]
    enters = opening[-1:] == MARK_LEVEL and 1 not in misfits
    found = [*rhyme.rules, *repeated_words(lines, first_rhymes=enters), *reading.rules]
    names = {rule.name for rule in found}
    kept = [Rule(name, True, text) for name, text in _REGULATED.items() if name not in names]
    if rhyme.group and "韻" not in names:
        kept[0] = Rule("韻", True, _rhyming(lines, rhyme.group))
    order = [*_REGULATED, *sorted(names - set(_REGULATED))]
    pattern = f"{opening[1]}起首句{'入韻' if enters else '不入韻'}" if opening else None
    return pattern, rhyme.group, sorted([*kept, *found], key=lambda rule: order.index(rule.name))


def _describe_free_rhyme(lines: Sequence[Line]) -> tuple[str | None, list[Rule]]:
    rhyming = lines[1::2]
    shared = set.intersection(*(set(line.rhymes) for line in rhyming)) if rhyming else set()
    group = next((name for name in RHYMES if name in shared), None)
    message = _rhyming(lines, group) if group else "the form leaves the rhyme free"
    return group, [Rule("韻", True, message)]


def _rhyming(lines: Sequence[Line], group: str) -> str:
    words = " ".join(line.text[-1] for line in lines[1::2])
    return f"the even lines rhyme on {group}: {words}"


def _repetition_rules(lines: Sequence[str], form: Form) -> list[Rule]:
    rules = []
    # refrains belong to verse of unequal lines (行路難！行路難！)
    refrains = form.line_length is None
    for number, line in enumerate(lines, start=1):
        if line in lines[: number - 1]:
            message = f"{line} stands twice, first in line {lines.index(line) + 1}"
            rules.append(Rule("重句", refrains, message, number))
    rules = rules or [Rule("重句", True, "no line stands twice")]
    repeated = [
        f"{character} {count} times"
        for character, count in Counter("".join(lines)).items()
        if count > 1
    ]
    if repeated:
        rules.append(Rule("重字", True, f"repeated, which is allowed: {', '.join(repeated)}"))
    return rules
