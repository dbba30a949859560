"""Lines of verse from what a person pastes: with or without punctuation, title and author."""

import re
import unicodedata
from collections.abc import Sequence

from ..errors import InputError
from .forms import FORMS, Form

_ASIDE = re.compile(r"（[^）]*）|\([^)]*\)|\[[^\]]*\]|〔[^〕]*〕|【[^】]*】")
_TITLE = re.compile(r"\s*[《〈][^》〉]*[》〉]")
_HAN = re.compile("[\u3007\u3400-\u9fff\U00020000-\U0003ffff]")
_QUOTES = "\"'＂＇"
_SENTENCE_END = re.compile("[，。？！；,.?!;]")
_SHORTEST_SHAPE = 4


def read_lines(text: str | Sequence[str], form: Form | None = None) -> list[str]:
    """Split verse into lines of Chinese characters.

    Punctuation of any width, spaces and newlines end a line; quotation marks don't. Asides in
    brackets are dropped, and so is a heading: a title in 《》 with what else stands in its line (or
    up to four characters of the author's name before the verse), and one or two rows above without
    punctuation, where only the rest has a regulated shape. A text without line ends is cut by the
    only regulated shape that its length fits.

    Args:
        text: the poem, or its lines, which are taken as they are but for their punctuation.
        form: the form wanted, if it is known; its shape decides where several fit.

    Raises:
        InputError: nothing is there, a character isn't Chinese, or the text can't be cut.
    """
    if not isinstance(text, str):
        return _checked([piece for line in text for piece in _pieces(line)])
    titled = _TITLE.match(text)
    rows = [row for row in text[titled.end() if titled else 0 :].split("\n") if _pieces(row)]
    pieces = [_pieces(row) for row in rows]
    if titled and pieces:
        pieces[0] = _without_author(pieces, has_verse=bool(_SENTENCE_END.search(rows[0])))
    elif not titled:
        pieces = pieces[_heading_rows(rows, pieces, form) :]
    return _cut(_checked([piece for row in pieces for piece in row]), form)


def _pieces(text: str) -> list[str]:
    kept = []
    for character in unicodedata.normalize("NFC", _ASIDE.sub("", text)):
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


def _without_author(rows: list[list[str]], *, has_verse: bool) -> list[str]:
    """Drop the author after a title from the row that held the title."""
    first, *rest = rows[0]
    if not has_verse and len(rows) > 1 and len(first) <= 4:
        return []
    following = [*rest, *(piece for row in rows[1:] for piece in row)]
    is_name = len(first) <= 4 and following and all(len(piece) > 4 for piece in following)
    return rest if is_name else rows[0]


def _fits(lines: Sequence[str], form: Form) -> bool:
    if form.line_length is None or any(len(line) != form.line_length for line in lines):
        return False
    return len(lines) == form.line_count if form.line_count else _is_long(len(lines))


def _is_long(count: int) -> bool:
    """Say whether a regulated poem beyond the eight lines (排律) may have so many."""
    return count >= 10 and count % 2 == 0


def _shapes(form: Form | None) -> list[Form]:
    if form is not None and form.regulated:
        return [form]
    return [known for known in FORMS.values() if known.regulated]


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
