"""The forms of Tang verse, as data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.errors import InputError

LINE_END = "，。？！；：、"
_LINE_END = re.compile(f"[{LINE_END}]")
LOST = "囗"  # looks like a character and stands for one that is lost
MARKS = "，", "。"  # after odd and after even lines
LONGEST_LINES = 100  # of a form whose number of lines is free


@dataclass(frozen=True)
class Form:
    """A form of verse: how long its lines are, how many there are, whether tones are ruled."""

    name: str
    line_length: int | None  # characters; None: lines of unequal length
    line_count: int | None  # None: free
    regulated: bool  # 近體: tone patterns and one level rhyme
    control: str  # what a model calls the forms of this shape


# the names by which models know a poem's shape
MODEL_FORMS = ("五絕", "七絕", "五律", "七律", "五言", "七言", "雜言")
FORMS = {
    form.name: form
    for form in (
        Form("五絕", 5, 4, True, "五絕"),
        Form("七絕", 7, 4, True, "七絕"),
        Form("五律", 5, 8, True, "五律"),
        Form("七律", 7, 8, True, "七律"),
        Form("五排", 5, 12, True, "五言"),  # 排律: 12 lines unless another even number is wished
        Form("七排", 7, 12, True, "七言"),
        Form("五古", 5, None, False, "五言"),
        Form("七古", 7, None, False, "七言"),
        Form("古風", None, None, False, "雜言"),  # with a line length of its own
        Form("雜言", None, None, False, "雜言"),
    )
}
FEWEST_EXTENDED_LINES = 10
SIMPLIFIED_NAMES = {"绝": "絕", "杂": "雜", "风": "風"}
_KINDS = {"絕": "絕句", "律": "律詩", "排": "排律", "古": "古詩", "言": "古詩"}
_SIMPLIFIED = str.maketrans(SIMPLIFIED_NAMES)
_BY_SHAPE = {(form.line_length, form.line_count): form for form in FORMS.values()}
_EXTENDED = {5: FORMS["五排"], 7: FORMS["七排"]}


def is_han(character: str) -> bool:
    """Say whether a character is Chinese, as the measure counts them: U+3400..U+9FFF."""
    return "\u3400" <= character <= "\u9fff"


def split_lines(text: str) -> list[str]:
    """Split a poem's text at its punctuation into lines without it."""
    return [line for line in _LINE_END.split(text) if line]


def form_of(lines: Sequence[str]) -> Form:
    """Name the form that lines have by their shape alone, whatever their tones."""
    lengths = {len(line) for line in lines}
    length = lengths.pop() if len(lengths) == 1 else None
    count = len(lines)
    if (length, count) in _BY_SHAPE:
        return _BY_SHAPE[length, count]
    if length in _EXTENDED and count >= FEWEST_EXTENDED_LINES and count % 2 == 0:
        return replace(_EXTENDED[length], line_count=count)
    return _BY_SHAPE.get((length, None), FORMS["雜言"]) if length else FORMS["雜言"]


def term_of(form: Form, count: int) -> str:
    """Give the full term for a poem of a form with so many lines, such as 五言律詩 or 五言古絕."""
    kind = form.name[1]
    if kind not in _KINDS:
        return form.name
    return f"{form.name[0]}言{'古絕' if kind == '古' and count == 4 else _KINDS[kind]}"


def find_form(name: str, lines: int | None = None, line_length: int | None = None) -> Form:
    """Give a form by its name, in either script, with the free sizes as wished.

    Args:
        name: a key of `FORMS`.
        lines: number of lines, where the form leaves it free: 排律 even and from 10, 古風 even.
        line_length: characters a line, of 古風 only.

    Raises:
        InputError: there is no such form, or it has not that size.
    """
    form = FORMS.get(name.translate(_SIMPLIFIED))
    if form is None:
        raise InputError(f"form must be one of {'、'.join(FORMS)}, got {name!r}")
    if form.name == "古風":
        length = 5 if line_length is None else line_length
        if not 2 <= length <= 20:
            raise InputError(f"line_length of 古風 must be 2..20, got {length}")
        control = _EXTENDED[length].control if length in _EXTENDED else "雜言"
        form = replace(form, line_length=length, control=control)
    elif line_length not in (None, form.line_length):
        raise InputError(
            f"line_length of {form.name} is {form.line_length or 'free'}, got {line_length}; "
            "with 古風 it can be chosen"
        )
    if lines is None or lines == form.line_count:
        return form
    if form.line_count and form not in _EXTENDED.values():
        raise InputError(f"{form.name} has {form.line_count} lines, got {lines}")
    if form.line_length is None:
        raise InputError(f"{form.name} ends where it ends; choose lines with 五古, 七古 or 古風")
    fewest = FEWEST_EXTENDED_LINES if form.regulated else 2
    if not fewest <= lines <= LONGEST_LINES or lines % 2:
        raise InputError(
            f"lines of {form.name} must be even and {fewest}..{LONGEST_LINES}, got {lines}"
        )
    return replace(form, line_count=lines)
