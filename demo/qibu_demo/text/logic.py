"""What a visitor wishes of a text, checked, and the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import qibu
from qibu.core.errors import InputError, UnknownCharacterError

from ..page.limits import TEXT, check_number

AT_A_TIME = 4  # characters that come together: the page is drawn anew with each
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}


@dataclass(frozen=True)
class TextWish:
    """A text as wished; the same wish gives the same text.

    Raises:
        InputError: a number is out of its range, or a text too long.
    """

    start: str = ""
    length: int = 400
    temperature: float = 0.8
    top_p: float = 0.9
    seed: int = 7
    stop: str = ""  # \n for the end of a line

    def __post_init__(self) -> None:
        for name in ("start", "stop"):
            value = getattr(self, name) or ""
            if not isinstance(value, str) or len(value) > TEXT:
                raise InputError(f"{name} must be a text of at most {TEXT} characters")
            object.__setattr__(self, name, value)
        for name in ("length", "temperature", "top_p", "seed"):
            value = check_number(name, getattr(self, name))
            whole = name in ("length", "seed")
            if whole and value != int(value):
                raise InputError(f"{name} must be a whole number, got {value!r}")
            object.__setattr__(self, name, int(value) if whole else float(value))


def begin(writer: qibu.Writer, wish: TextWish) -> qibu.TextStream:
    """Set out on the text.

    Raises:
        InputError: the wish can't be had.
        UnknownCharacterError: the model doesn't know a character of the start.
    """
    known = writer.vocabulary.characters
    unknown = sorted(set(wish.start) - set(known)) if writer.unit == "char" else []
    if unknown:  # told here in words for a visitor, who can't say what to do with them
        raise UnknownCharacterError(f"the model doesn't know {'、'.join(unknown)}; leave them out")
    stop = re.sub(r"\\([nt\\])", lambda match: _ESCAPES[match[1]], wish.stop)
    return writer.stream(
        wish.start,
        length=wish.length,
        seed=wish.seed,
        sampling=qibu.Sampling(temperature=wish.temperature, top_p=wish.top_p),
        stop=stop or None,
    )


def in_parts(stream: qibu.TextStream) -> Iterator[str]:
    """Give the text some characters at a time."""
    pieces = iter(stream)
    while part := "".join(islice(pieces, AT_A_TIME)):
        yield part
