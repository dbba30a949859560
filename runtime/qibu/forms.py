"""The forms of Tang verse, as data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LINE_END = "，。？！；：、"
_LINE_END = re.compile(f"[{LINE_END}]")


@dataclass(frozen=True)
class Form:
    """A form of verse: how long its lines are and how many there are."""

    name: str
    line_length: int | None  # characters; None: lines of unequal length
    line_count: int | None  # None: any other number than the named forms have


FORMS = {
    form.name: form
    for form in (
        Form("五絕", 5, 4),
        Form("七絕", 7, 4),
        Form("五律", 5, 8),
        Form("七律", 7, 8),
        Form("五言", 5, None),
        Form("七言", 7, None),
        Form("雜言", None, None),
    )
}
_BY_SHAPE = {(form.line_length, form.line_count): form for form in FORMS.values()}


def split_lines(text: str) -> list[str]:
    """Split a poem's text at its punctuation into lines without it."""
    return [line for line in _LINE_END.split(text) if line]


def form_of(lines: Sequence[str]) -> Form:
    """Name the form that lines have by their shape alone, whatever their tones."""
    lengths = {len(line) for line in lines}
    length = lengths.pop() if len(lengths) == 1 else None
    for shape in ((length, len(lines)), (length, None)):
        if shape in _BY_SHAPE:
            return _BY_SHAPE[shape]
    return FORMS["雜言"]
