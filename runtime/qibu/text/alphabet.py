"""What the tokens of a text stand for: characters, or the bytes of UTF-8."""

import copy
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, get_args

import numpy as np

from ..core.arrays import Float32Array
from ..core.errors import InputError, ModelFileError
from .utf8 import Utf8Rows
from .vocabulary import END, OnUnknown, Vocabulary

Unit = Literal["char", "byte"]
BYTES = "".join(map(chr, range(256)))  # how a vocabulary of bytes writes them


class Guide(Protocol):
    """One text on its way: what may be drawn next, and the characters that come of it.

    Attributes:
        row: (vocabulary,) float32, the bias of the next draw: 0, or -inf for a mask. Another array
            once something else may be drawn; nobody writes in it.
    """

    row: Float32Array

    def take(self, token: int) -> str:
        """Go on with a token; give the character that it ends, or "" within one."""

    def fork(self) -> "Guide":
        """Give a guide of its own that stands where this one does."""


class Alphabet(Protocol):
    """How a text becomes tokens, and tokens a text."""

    def encode(self, text: str, on_unknown: OnUnknown = "fail") -> list[int]:
        """Turn a text into token numbers, as `Vocabulary.encode` does."""

    def decode(self, tokens: Sequence[int]) -> str:
        """Turn token numbers into a text; control tokens give nothing."""

    def widths(self, text: str) -> Sequence[int]:
        """Give of each character of a text that is known how many tokens it has."""

    def guide(self, allow: str | None = None, ban: str | None = None) -> Guide:
        """Set out on a text.

        Args:
            allow: the characters that alone may be drawn; None: all.
            ban: characters that mustn't.

        Raises:
            InputError: nothing is left to draw.
            UnknownCharacterError: the model doesn't know a character that is allowed.
        """


def alphabet_of(vocabulary: Vocabulary, unit: Unit) -> Alphabet:
    """Give the alphabet of a vocabulary.

    Raises:
        ModelFileError: it is said to be of bytes, and its characters aren't all bytes in order.
    """
    if unit == "byte" and vocabulary.characters != BYTES:
        raise ModelFileError(
            "a vocabulary of bytes has the 256 characters U+0000..U+00FF in order, this one has "
            f"{len(vocabulary.characters)} others; export the run anew with `qibu export`"
        )
    return _ALPHABETS[unit](vocabulary)


def want_on_unknown(on_unknown: str) -> None:
    """Refuse another word than the three with an `InputError`."""
    if on_unknown not in get_args(OnUnknown):
        raise InputError(f"on_unknown must be fail, skip or replace, got {on_unknown!r}")


class _Characters:
    """A token is a character."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._spelling = vocabulary.spelling()

    def encode(self, text: str, on_unknown: OnUnknown = "fail") -> list[int]:
        return self._vocabulary.encode(text, on_unknown)

    def decode(self, tokens: Sequence[int]) -> str:
        return self._vocabulary.decode(tokens)

    def widths(self, text: str) -> Sequence[int]:
        return [1] * len(text)

    def guide(self, allow: str | None = None, ban: str | None = None) -> "Guide":
        vocabulary = self._vocabulary
        row = np.full(len(vocabulary), -np.inf, np.float32)
        if allow is None:
            row[len(vocabulary.controls) :] = 0
        else:
            row[vocabulary.encode(allow)] = 0
        row[vocabulary.encode(ban or "", "skip")] = -np.inf
        if not np.isfinite(row).any():
            raise _nothing_left(allow, ban)
        if END in vocabulary:
            row[vocabulary.id(END)] = 0
        return _CharacterGuide(row, self._spelling)


class _CharacterGuide:
    def __init__(self, row: Float32Array, spelling: Sequence[str]) -> None:
        self.row = row
        self.take = spelling.__getitem__

    def fork(self) -> "Guide":
        return self  # it never changes


class _Bytes:
    """A token is a byte of UTF-8; only whole characters come out, and only such as there are."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._first = len(vocabulary.controls)

    def encode(self, text: str, on_unknown: OnUnknown = "fail") -> list[int]:
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            # half of a pair, as a terminal gives for bytes that are no UTF-8
            if on_unknown == "fail":
                raise InputError(
                    f"character {error.start + 1} of the text is {text[error.start]!r}, which is "
                    "no character of Unicode; give UTF-8"
                ) from error
            data = text.encode(errors="ignore" if on_unknown == "skip" else "replace")
        return [byte + self._first for byte in data]

    def decode(self, tokens: Sequence[int]) -> str:
        first = self._first
        return bytes(token - first for token in tokens if token >= first).decode(errors="replace")

    def widths(self, text: str) -> Sequence[int]:
        return [len(character.encode(errors="replace")) for character in text]

    def guide(self, allow: str | None = None, ban: str | None = None) -> "Guide":
        end = self._vocabulary.id(END) if END in self._vocabulary else None
        rows = Utf8Rows(self._first, end, len(self._vocabulary), allow, ban)
        if not rows.any_left:
            raise _nothing_left(allow, ban)
        return _ByteGuide(rows, self._first)


class _ByteGuide:
    def __init__(self, rows: Utf8Rows, first: int) -> None:
        self._rows, self._first, self._begun = rows, first, b""
        self.row = rows.after(b"")

    def take(self, token: int) -> str:
        begun = self._begun + bytes((token - self._first,))
        whole = self._rows.is_whole(begun)
        self._begun = b"" if whole else begun
        self.row = self._rows.after(self._begun)
        return begun.decode() if whole else ""

    def fork(self) -> "Guide":
        return copy.copy(self)


def _nothing_left(allow: str | None, ban: str | None) -> InputError:
    said = {"allow": allow, "ban": ban}
    told = " and ".join(f"{name} {text!r}" for name, text in said.items() if text is not None)
    return InputError(f"no character is left to draw with {told}; allow some")


_ALPHABETS: Mapping[Unit, type[_Characters] | type[_Bytes]] = {"char": _Characters, "byte": _Bytes}
