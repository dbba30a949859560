"""Lines of verse from what a person pastes: with or without punctuation, title and author."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from ..core.errors import InputError
from .forms import FEWEST_EXTENDED_LINES, FORMS, Form

_ASIDE = re.compile(r"（[^）]*）|\([^)]*\)|\[[^\]]*\]|〔[^〕]*〕|【[^】]*】")
# a title in its marks, before it perhaps the author's name
_TITLE = re.compile(r"\s*[^，。？！；,.?!;\s]{0,6}\s*[《〈][^》〉]*[》〉]")
# after it perhaps dynasty and author, each at most four characters
_AUTHOR = re.compile(r"(?:\s*[^，。？！；：,.?!;:\s]{1,4}(?:\s*[：:]\s*|\s+)){0,2}")
_LONGEST_NAME = 4
_HAN = re.compile("[\u3007\u3400-\u9fff\U00020000-\U0003ffff]")
_QUOTES = "\"'＂＇"
_SENTENCE_END = re.compile("[，。？！；,.?!;]")


def read_lines(text: str | Sequence[str], form: Form | None = None) -> list[str]:
    """Split verse into lines of Chinese characters.

    Punctuation of any width, spaces and newlines end a line; quotation marks don't. Asides in
    brackets are dropped. So is a heading: a title in 《》 with the author's name before or after
    it, or one or two rows without punctuation above what alone has a regulated shape. A text
    without line ends is cut by the only regulated shape that its length fits.

    Args:
        text: the poem, or its lines, which are taken as they are but for their punctuation.
        form: the form wanted, if it is known; its shape decides where several fit.

    Raises:
        InputError: nothing is there, a character isn't Chinese, or the text can't be cut.
    """
    if not isinstance(text, str):
        return _checked([piece for line in text for piece in _pieces(_ASIDE.sub("", line))])
    text = _ASIDE.sub("", text)
    if titled := _TITLE.match(text):
        rows = [_pieces(_without_author(text[titled.end() :]))]
    else:
        written = [row for row in text.split("\n") if _pieces(row)]
        rows = [_pieces(row) for row in written]
        rows = rows[_heading_rows(written, rows, form) :]
    return _cut(_checked([line for row in rows for line in row]), form)


def _pieces(text: str) -> list[str]:
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in ("Pi", "Pf", "Ps", "Pe", "Cf") or character in _QUOTES:
            continue
        kept.append(" " if category[0] in "PZC" else character)
    return "".join(kept).split()


def _checked(lines: list[str]) -> list[str]:
    if not lines:
        raise InputError("the poem is empty; give it as Chinese characters")
    for number, line in enumerate(lines, start=1):
        for position, character in enumerate(line, start=1):
            if not _HAN.match(character):
                raise InputError(
                    f"{character!r} (line {number}, character {position}) is not a Chinese "
                    "character; give the poem in those and punctuation"
                )
    return lines


def _without_author(text: str) -> str:
    """Drop what stands between a title and the verse, if the verse has no lines so short."""
    named = _AUTHOR.match(text)
    rest = text[named.end() if named else 0 :]
    return rest if all(len(line) > _LONGEST_NAME for line in _pieces(rest)) else text


def any_size(form: Form) -> Form:
    """Free the sizes that a form's name leaves open: lines of 排律, line length of 古風."""
    named = FORMS[form.name]
    return replace(named, line_count=None) if named.name.endswith("排") else named


def may_have(form: Form, count: int) -> bool:
    """Say whether a form has so many lines."""
    if form.line_count is not None:
        return count == form.line_count
    return not form.regulated or (count >= FEWEST_EXTENDED_LINES and count % 2 == 0)


def _fits(lines: Sequence[str], form: Form) -> bool:
    lengths = {len(line) for line in lines}
    return lengths == {form.line_length} and may_have(form, len(lines))


def _shapes(form: Form | None) -> list[Form]:
    if form is not None and form.regulated:
        return [form]
    return [any_size(known) for known in FORMS.values() if known.regulated]


def _heading_rows(rows: Sequence[str], pieces: Sequence[list[str]], form: Form | None) -> int:
    for count in range(min(3, len(rows))):
        if count and _SENTENCE_END.search(rows[count - 1]):
            break
        lines = [piece for row in pieces[count:] for piece in row]
        if any(_fits(lines, shape) for shape in _shapes(form)):
            return count
    return 0


def _cut(lines: list[str], form: Form | None) -> list[str]:
    if len(lines) == 1:
        return _cut_whole(lines[0], form)
    length = len(lines[0])
    if length in (10, 14) and all(len(line) == length for line in lines):
        half = length // 2  # a row is a couplet
        return [line[start : start + half] for line in lines for start in (0, half)]
    return lines


def _cut_whole(text: str, form: Form | None) -> list[str]:
    cuts: dict[str, list[str]] = {}
    for shape in _shapes(form):
        size = shape.line_length or len(text)
        lines = [text[start : start + size] for start in range(0, len(text), size)]
        if _fits(lines, shape):
            cuts[shape.name] = lines
    if len(cuts) == 1:
        return next(iter(cuts.values()))
    if cuts:
        raise InputError(
            f"{len(text)} characters without line ends fit {' and '.join(cuts)}; "
            "name the form or put punctuation between the lines"
        )
    raise InputError(
        f"{len(text)} characters without line ends fit no "
        f"{form.name if form else 'regulated form'} (20 五絕, 28 七絕, 40 五律, 56 七律, …); "
        "put punctuation between the lines"
    )
