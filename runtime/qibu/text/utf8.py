"""Which byte may follow which, so that bytes drawn one by one are always UTF-8.

The table is that of well-formed sequences in the Unicode standard (chapter 3, table 3-7).
"""

from collections import Counter

import numpy as np

from ..core.arrays import Float32Array

_LEADS = (*range(0x00, 0x80), *range(0xC2, 0xF5))
_LATER = range(0x80, 0xC0)
# the second byte after some first ones: no longer form than needed, no surrogate, none above 10FFFF
_SECOND = {
    0xE0: range(0xA0, 0xC0),
    0xED: range(0x80, 0xA0),
    0xF0: range(0x90, 0xC0),
    0xF4: range(0x80, 0x90),
}


def length_of(lead: int) -> int:
    """Give how many bytes a character has that begins with a byte."""
    return 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4


class Utf8Rows:
    """The bias rows of a model of bytes, by the bytes that a character has begun with.

    Args:
        first: the token of byte 0.
        end: the token that ends a text, which may come wherever a character may begin.
        size: of the vocabulary.
        allow: the characters that alone may come; None: all.
        ban: characters that mustn't come.
    """

    def __init__(
        self, first: int, end: int | None, size: int, allow: str | None, ban: str | None
    ) -> None:
        self._first, self._end, self._size = first, end, size
        # of each beginning, how many characters go on from it that are allowed, or banned
        self._banned = _beginnings(ban or "")
        self._allowed = None if allow is None else _beginnings("".join(set(allow) - set(ban or "")))
        self._rows: dict[bytes, Float32Array] = {}

    @property
    def any_left(self) -> bool:
        """Whether a character is left to draw."""
        return any(self._goes_on(bytes((byte,))) for byte in _LEADS)

    @staticmethod
    def is_whole(begun: bytes) -> bool:
        """Say whether the bytes of a character are all there."""
        return len(begun) == length_of(begun[0])

    def after(self, begun: bytes) -> Float32Array:
        """Give the row (vocabulary,) of what may follow the first bytes of a character."""
        if self._allowed is None and begun not in self._banned:
            begun = begun[:1] + bytes(max(0, len(begun) - 1))  # all of these have the same row
        row = self._rows.get(begun)
        if row is None:
            row = self._rows[begun] = self._row(begun)
        return row

    def _row(self, begun: bytes) -> Float32Array:
        row = np.full(self._size, -np.inf, np.float32)
        for byte in _following(begun):
            if self._goes_on(begun + bytes((byte,))):
                row[self._first + byte] = 0
        if not begun and self._end is not None:
            row[self._end] = 0
        return row

    def _goes_on(self, begun: bytes) -> bool:
        """Say whether some character that may come begins so."""
        if self._allowed is not None:
            return begun in self._allowed
        return self._banned[begun] < _count(begun)


def _following(begun: bytes) -> "range | tuple[int, ...]":
    if not begun:
        return _LEADS
    return _SECOND.get(begun[0], _LATER) if len(begun) == 1 else _LATER


def _count(begun: bytes) -> int:
    """Count the characters that begin with some bytes."""
    left = length_of(begun[0]) - len(begun)
    if left == 0:
        return 1
    here: int = len(_following(begun)) * len(_LATER) ** (left - 1)
    return here


def _beginnings(characters: str) -> Counter[bytes]:
    encoded = (c.encode(errors="ignore") for c in set(characters))
    return Counter(data[:size] for data in encoded for size in range(1, len(data) + 1))
