"""A report on a poem: its form, tones and rhyme, and each rule that it keeps or breaks.

It judges by the rules of tradition alone and knows nothing of the tables that composition uses.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .forms import FEWEST_EXTENDED_LINES, FORMS, Form, find_form, term_of
from .old_style import read_old_rhyme
from .pasted import any_size, may_have, read_lines
from .recognition import recognise
from .regulated import Judgement, judge_regulated
from .rules import Line, Rule
from .tones import MARK_EITHER, MARK_LEVEL, MARK_OBLIQUE, RHYMES, Tone, is_simplified

_MARKS = {
    Tone.LEVEL: MARK_LEVEL,
    Tone.OBLIQUE: MARK_OBLIQUE,
    Tone.LEVEL | Tone.OBLIQUE: MARK_EITHER,
    Tone.UNKNOWN: "？",
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
    term: str = ""  # what tradition calls it in full, such as 五言律詩 or 五言古絕

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
        blocks = [self._summary(), "", *rows, "", *judged]
        return "\n".join(row.rstrip() for row in blocks)

    def _summary(self) -> str:
        """Say what the poem is, then what it breaks."""
        style = "regulated" if FORMS[self.form].regulated else "old style"
        tone = RHYMES[self.rhyme].tone if self.rhyme else ""
        rhyme = self.rhyme and f"{self.rhyme}韻 ({'level' if tone == 'level' else 'oblique'})"
        count = len(self.broken)
        names = " ".join(dict.fromkeys(rule.name for rule in self.broken))
        broken = f"{count} rule{'s' * (count > 1)} broken: {names}"
        terms = dict.fromkeys((self.form, self.term or self.form))
        facts = ["  ".join(terms) + f", {style}", self.pattern, rhyme]
        return "  ".join(filter(None, [*facts, broken if count else "every rule kept"]))

    def _end_mark(self, number: int) -> str:
        rhymes = number % 2 == 0 or (number == 1 and "不" not in (self.pattern or "不"))
        return "韻" if rhymes and self.rhyme else ""


def check(text_or_lines: str | Sequence[str], form: str | Form | None = None) -> Report:
    """Judge a poem by the rules of its form.

    Characters of two tones or of none known are read in the way that breaks the fewest rules.

    Args:
        text_or_lines: the poem in either script, with or without punctuation, or its lines.
        form: what it should be, such as "七律". None: what its shape, its rhyme and its tones say;
            of a regulated shape it is old style where it rhymes on an oblique tone, or rhymes in
            turn, or breaks far more rules than regulated poems do.

    Raises:
        InputError: the text is empty, holds what isn't Chinese or can't be cut into lines; the
            form is unknown.
    """
    wanted = any_size(find_form(form)) if isinstance(form, str) else form
    texts = read_lines(text_or_lines, wanted)
    simplified = is_simplified("".join(texts))
    lines = [Line.read(text, simplified=simplified) for text in texts]
    actual, judged = (wanted, _judge(lines, wanted)) if wanted else recognise(lines)
    rules = (
        *(rule for rule in judged.rules if rule.name == "體"),
        *_shape_rules(texts, actual),
        *(rule for rule in judged.rules if rule.name != "體"),
        *_repetition_rules(texts, actual),
    )
    marks = tuple("".join(_MARKS[tone] for tone in line.tones) for line in lines)
    return Report(
        actual.name,
        judged.pattern,
        judged.rhyme,
        tuple(texts),
        marks,
        rules,
        term=term_of(actual, len(texts)),
    )


def _shape_rules(lines: Sequence[str], form: Form) -> list[Rule]:
    rules = []
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


def _judge(lines: Sequence[Line], form: Form) -> Judgement:
    """Judge lines by the form that was asked for."""
    if form.regulated and form.line_length:
        return judge_regulated(lines, form.line_length)
    rhyme = read_old_rhyme(lines)
    return Judgement(None, rhyme.group, (rhyme.rule,))


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
