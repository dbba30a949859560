"""A poem as the page shows it: a sheet of paper, and the report on its rules beside it."""

from html import escape

from qibu.verse.forms import FORMS, LINE_END
from qibu.verse.report import Report
from qibu.verse.rules import Rule

from ..page.texts import say
from .logic import Wish, heading

_SHORTEST = 7  # characters in a column, where the form doesn't say
_TONES = {"平": "level", "仄": "oblique", "中": "either"}


def sheet(text: str, wish: Wish, report: Report | None, language: str) -> str:
    """Give the HTML of a poem, or of the beginning of one.

    Args:
        text: with punctuation, as far as it is written.
        wish: what was asked for.
        report: on the finished poem; None while it is being written.
        language: "en" or "zh", of all but the poem.
    """
    tones = report.tones if report else ()
    rhyming = _rhyming_lines(report)
    lines = "".join(
        _line(line, mark, tones[number] if number < len(tones) else "", number in rhyming)
        for number, (line, mark) in enumerate(_lines(text))
    )
    above = "".join(
        f'<{tag} class="qb-{tag}">{escape(value)}</{tag}>'
        for tag, value in (("h3", wish.title), ("address", heading(wish)))
        if value
    )
    facts = [wish.form]
    if report:
        facts += [report.pattern or "", f"{report.rhyme}韻" if report.rhyme else ""]
    facts.append(f"{say('seed', language)} {wish.seed}")
    below = " · ".join(escape(fact) for fact in facts if fact)
    lang = "zh-Hans" if wish.script == "simplified" else "zh-Hant"
    state = "" if report else " qb-writing"
    written = _lines(text)
    form = FORMS.get(wish.form, FORMS["雜言"])
    tallest = (form.line_length or max(_SHORTEST, *(len(line) for line, _ in written))) + 1
    columns = max(form.line_count or 4, len(written)) + (2 if above else 0)
    return (
        f'<article class="qb-sheet{state}" data-text="{escape(_couplets(text, wish))}" '
        f'data-query="{escape(wish.query())}" data-seed="{wish.seed}">'
        f'<div class="qb-poem" lang="{lang}" tabindex="0" '
        f'style="--characters:{tallest};--columns:{columns}">'
        f"{f'<header>{above}</header>' if above else ''}{lines}</div>"
        f'<footer>{below}</footer><p class="qb-key">{say("key", language)}</p></article>'
    )


def _lines(text: str) -> list[tuple[str, str]]:
    """Cut into lines, each with the punctuation after it."""
    lines: list[tuple[str, str]] = [("", "")]
    for character in text:
        line, mark = lines[-1]
        if mark and character not in LINE_END:
            lines.append((character, ""))
        elif character in LINE_END:
            lines[-1] = line, mark + character
        else:
            lines[-1] = line + character, mark
    return lines


def _line(line: str, mark: str, tones: str, rhymes: bool) -> str:
    spans = []
    for place, character in enumerate(line):
        tone = _TONES.get(tones[place : place + 1], "")
        rhyme = " qb-rhyme" if rhymes and place == len(line) - 1 else ""
        title = f' title="{tones[place]}"' if tone else ""
        spans.append(f'<span class="qb-c {tone}{rhyme}"{title}>{escape(character)}</span>')
    return f'<p class="qb-line">{"".join(spans)}<span class="qb-mark">{escape(mark)}</span></p>'


def _couplets(text: str, wish: Wish) -> str:
    """Give what is copied: a couplet a line, below what says that it is in somebody's manner."""
    couplets = text.replace("。", "。\n")
    return f"{heading(wish)}\n{couplets}".strip()


def _rhyming_lines(report: Report | None) -> set[int]:
    """Number the lines that rhyme, from 0."""
    if report is None or not report.rhyme:
        return set()
    first = {0} if report.pattern and "不" not in report.pattern else set()
    return first | set(range(1, len(report.lines), 2))


def _message(rule: Rule, language: str) -> str:
    # the messages are in English; a rule that is kept is known by its Chinese name
    if language == "zh" and rule.kept:
        return ""
    return f"<span>{escape(rule.message)}</span>"


def rules(report: Report, language: str) -> str:
    """Give the HTML of a report: what the poem is, and each rule, the broken ones first."""
    broken = [rule for rule in report.rules if not rule.kept]
    verdict = say("broken" if broken else "kept", language)
    facts = [
        (say("form", language), report.form),
        (say("pattern", language), report.pattern or ""),
        (say("rhymes_on", language), report.rhyme or ""),
    ]
    if report.mean_log_probability is not None:
        facts.append((say("likely", language), f"{report.mean_log_probability:.2f}"))
    shown = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts
        if value
    )
    items = "".join(
        f'<li class="{"qb-kept" if rule.kept else "qb-broken"}">'
        f"<b>{escape(rule.name)}</b> {_message(rule, language)}</li>"
        for rule in sorted(report.rules, key=lambda rule: rule.kept)
    )
    return (
        f'<section class="qb-report" data-passed="{str(not broken).lower()}">'
        f"<h4>{say('report', language)} <small>{verdict}</small></h4>"
        f"<dl>{shown}</dl><ul>{items}</ul></section>"
    )
