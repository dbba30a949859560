"""Cutting a text into documents, lines or parts, and choosing those that are held out."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from qibu.core.errors import DataError

SPLITS = ("document", "line", "part")
DOCUMENTS = 20  # from so many files on, each counts as a document
SHARE = 0.05  # of the text that is held out
MOST = 250_000  # bytes held out at the most: more would take long to measure
LEAST = 0.02  # of a small text; where less falls in by hash, more is taken
LARGE = 0.1  # of the text, which no unit held out is, if there are smaller ones
SMALLEST_PART, LARGEST_PART, PARTS = 1 << 10, 1 << 14, 512  # sizes in characters; parts aimed at
STRETCH = 4  # a part without a line's end is cut at so many times its size

Bools = NDArray[np.bool_]


def part_size(total: int) -> int:
    """Give the least size of a part of a text of so many bytes: a power of two."""
    wanted = min(max(total // PARTS, SMALLEST_PART), LARGEST_PART)
    return 1 << (wanted.bit_length() - 1)


def cut(pieces: Iterable[str], split: str, size: int) -> Iterator[str]:
    """Cut a document, given in pieces of any size, into units.

    Args:
        pieces: the document's text.
        split: "document" gives the whole; "line" its lines that aren't empty, without their
            ends; "part" stretches that end with a line and follow upon each other.
        size: characters that a part has at least, but for the last one.
    """
    if split == "document":
        whole = "".join(pieces)
        if whole:
            yield whole
    elif split == "line":
        yield from _lines(pieces)
    else:
        yield from _parts(pieces, size)


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        yield from filter(None, lines)
    if rest:
        yield rest


def _parts(pieces: Iterable[str], size: int) -> Iterator[str]:
    held, most = "", STRETCH * size
    for piece in pieces:
        held += piece
        begin = 0
        while len(held) - begin >= most:  # else a later piece could change where it is cut
            end = held.find("\n", begin + size - 1, begin + most) + 1 or begin + most
            yield held[begin:end]
            begin = end
        held = held[begin:]
    begin = 0
    while begin < len(held):
        end = held.find("\n", begin + size - 1, begin + most) + 1 or begin + most
        yield held[begin:end]
        begin = end


def hash_of(unit: str) -> int:
    """Give the number by which a unit is held out: the first 64 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(unit.encode()).digest()[:8], "big")


def choose_held_out(
    hashes: Sequence[int], sizes: Sequence[int], can_be: Sequence[bool], split: str
) -> Bools:
    """Say of each unit whether it is held out: those of the lowest hashes, equal ones together.

    What a unit says decides, and not where it stands, so it is the same on every machine.

    Args:
        hashes: 64 bits each.
        sizes: in bytes.
        can_be: whether a unit may be held out at all.
        split: what the units are.

    Raises:
        DataError: nothing would be left to train on.
    """
    keys, bytes_of = np.array(hashes, np.uint64), np.array(sizes, np.int64)
    total, free = int(bytes_of.sum()), np.array(can_be, np.bool_)
    small = free & (bytes_of <= LARGE * total)
    free = small if small.any() else free
    share = min(SHARE, MOST / max(total, 1))
    held: Bools = free & (keys < np.uint64(int(share * 2.0**64)))
    wanted = min(LEAST, share / 2) * total
    if bytes_of[held].sum() < wanted:
        # equal units have one hash, so they stay together
        order = np.argsort(keys, kind="stable")
        order = order[free[order]]
        enough = int(np.searchsorted(np.cumsum(bytes_of[order]), wanted))
        if len(order):
            held = free & (keys <= keys[order[min(enough, len(order) - 1)]])
    if not held.any() or held.all() or bytes_of[held].sum() > total / 2:
        raise DataError(
            f"the text has too few different {split}s to hold one out and train on the rest: "
            f"{len(set(hashes))}; give more text"
            + ("" if split == "part" else ", or cut it into parts: --split part")
        )
    return held
