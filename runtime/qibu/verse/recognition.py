"""What a poem is where nobody says: regulated, or old style (古體), whose tones are free."""

from collections import Counter
from collections.abc import Sequence

from .forms import FORMS, Form, form_of, term_of
from .old_style import OldRhyme, read_old_rhyme
from .regulated import Judgement, judge_regulated
from .rules import Line, Rule

_OLD = {5: "五古", 7: "七古"}
_FEWEST_LINES = 4
_LONGEST_MENDED = 8  # longer verse has lines of its own length by intent (君不見…)
# Tang poems with an oblique rhyme show how often old style breaks the tone rules. By their counts,
# of the 38,701 with a level rhyme and 4 to 20 lines of a regulated shape at least 77 % of those are
# old style that have 3 faults in 4 lines, 4 in 8 to 14, 5 in 16 to 20. With one fault less it is
# 24 % in 16 to 20 lines, 33 % in 8, 50 to 66 % in 10 to 14; and 64 % in quatrains, which the
# anthologies count among the regulated.
_FAULTS_BORNE = 2
_LINES_A_FAULT_MORE = 8
# so many even lines rhyme with a line near in 99 % of Tang poems with these shapes
_RHYMING_EVEN = 0.75
# so many of all lines in 94 % of Tang poems with unequal lines, in 13 % with the ends shuffled
_RHYMING_OF_ALL = 0.5


def recognise(lines: Sequence[Line]) -> tuple[Form, Judgement]:
    """Say which form lines have, and judge them by its rules of rhyme and tone."""
    form = _shape(lines)
    rhyme = read_old_rhyme(lines)
    if form.regulated and form.line_length:
        judged = judge_regulated(lines, form.line_length)
        why = _why_old(form, judged, rhyme)
        if not why:
            return form, judged
        rules = [Rule("體", True, why), rhyme.rule]
    else:
        rules = _judge_free_shape(lines, rhyme)
    old = FORMS[_OLD.get(form.line_length or 0, "雜言")]
    return old, Judgement(None, rhyme.group, tuple(rules))


def _shape(lines: Sequence[Line]) -> Form:
    """Name the form of the lines' shape, of a short one with a slip in one line aside."""
    texts = [line.text for line in lines]
    form = form_of(texts)
    if form.line_length is None and len(lines) <= _LONGEST_MENDED:
        length, _ = Counter(map(len, texts)).most_common(1)[0]
        mended = form_of(["　" * length] * len(texts))
        slips = sorted(abs(len(text) - length) for text in texts)
        if mended.regulated and slips[-2:] == [0, 1]:
            return mended
    return form


def _why_old(form: Form, judged: Judgement, rhyme: OldRhyme) -> str:
    """Say why lines of a regulated form's shape are old style; nothing if they aren't."""
    count = form.line_count or 0
    faults = [rule.name for rule in judged.faults if rule.name != "重韻"]
    if rhyme.share < _RHYMING_EVEN:
        return ""
    if rhyme.is_oblique and (judged.rhyme is None or "出韻" in faults):
        reason = "the rhyme is oblique"
    elif judged.rhyme is None:
        reason = "no level rhyme goes through"
    elif len(faults) > _FAULTS_BORNE + count // _LINES_A_FAULT_MORE:
        names = " ".join(dict.fromkeys(faults))
        reason = f"as {form.name} it would break {len(faults)} rules ({names})"
    else:
        return ""
    old = term_of(FORMS[_OLD[form.line_length or 0]], count)
    return f"{old}, old style, for {reason}; --form {form.name} judges it as regulated"


def _judge_free_shape(lines: Sequence[Line], rhyme: OldRhyme) -> list[Rule]:
    lengths = sorted({len(line.text) for line in lines})
    sizes = f"{lengths[0]} to {lengths[-1]}" if len(lengths) > 1 else str(lengths[0])
    shape = f"{len(lines)} lines of {sizes} characters"
    if len(lines) < _FEWEST_LINES:
        return [Rule("體", False, f"{shape}; the shortest form has {_FEWEST_LINES}"), rhyme.rule]
    old = Rule("體", True, f"{shape} are no regulated form: old style, whose tones are free")
    if rhyme.share_of_all >= _RHYMING_OF_ALL:
        return [old, rhyme.rule]
    rhyming = round(rhyme.share_of_all * len(lines))
    return [old, Rule("失韻", False, f"only {rhyming} of {len(lines)} lines rhyme with one near")]
