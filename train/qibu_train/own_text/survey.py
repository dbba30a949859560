"""The first pass over a text: what it holds, and which units of it are held out."""

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qibu.core.errors import DataError

from .files import NotTextError, TextFile, TextReader, find_files
from .units import DOCUMENTS, Bools, choose_held_out, cut, hash_of, part_size

CODE_POINTS = 0x110000
WANTED = 20_000  # bytes from which on a text is worth training on
FEWEST = 4_000  # bytes that a run wants at least


def codes_of(text: str) -> NDArray[np.uint32]:
    """Give the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.uint32, copy=False)


@dataclass(frozen=True)
class Survey:
    """What is known of a text before it is turned into tokens."""

    files: list[TextFile]
    digests: list[str]  # SHA-256 of each file
    skipped: list[str]  # files of a folder that aren't text, and why
    split: str
    part_size: int  # in characters
    units: list[int]  # of each file
    sizes: NDArray[np.int64]  # of each unit, in characters
    held_out: Bools  # whether a unit is
    characters: NDArray[np.uint32]  # all that occur, in order
    bytes: int

    @property
    def sha256(self) -> str:
        """The digest of the file; of a folder, that of what `sha256sum` prints of its files."""
        if len(self.files) == 1:
            return self.digests[0]
        pairs = zip(self.digests, self.files, strict=True)
        lines = "".join(f"{digest}  {file.name}\n" for digest, file in pairs)
        return hashlib.sha256(lines.encode()).hexdigest()

    @cached_property
    def length(self) -> int:
        """Characters in all units."""
        return int(self.sizes.sum())

    def read(self) -> Iterator[Iterator[tuple[str, bool]]]:
        """Go over the text again: for each file its units, and whether each is held out.

        Raises:
            DataError: a file isn't what it was.
        """
        first = 0
        for file, digest, units in zip(self.files, self.digests, self.units, strict=True):
            yield self._read_file(file, digest, self.held_out[first : first + units])
            first += units

    def _read_file(
        self, file: TextFile, digest: str, held_out: Bools
    ) -> Iterator[tuple[str, bool]]:
        reader = TextReader(file)
        for number, unit in enumerate(cut(reader, self.split, self.part_size)):
            if number < len(held_out):
                yield unit, bool(held_out[number])
        if reader.sha256 != digest:
            raise DataError(f"{file.path} changed while it was read; begin again")


def survey(source: Path, split: str) -> Survey:
    """Read a text once.

    Args:
        source: a file or a folder.
        split: "document", "line", "part", or "auto": documents where there are many files.

    Raises:
        DataError: there is no text, too little of it, one character alone, or nothing to hold
            out; NotTextError, one of it, of a file that isn't UTF-8. In a folder such a file is
            skipped, and named in `skipped`, unless more is skipped than read.
    """
    found = find_files(source)
    total = sum(file.size for file in found)
    if total < FEWEST:
        raise DataError(
            f"{source} has {total:,} bytes, too little to learn from: {FEWEST:,} is the least, "
            f"{WANTED:,} or more is wanted"
        )
    if split == "auto":
        split = "document" if len(found) >= DOCUMENTS else "part"
    size, seen = part_size(total), np.zeros(CODE_POINTS, np.bool_)
    files, digests, skipped, units, kept = [], [], [], [], 0
    hashes, lengths, sizes = array("Q"), array("Q"), array("Q")
    can_be = array("b")
    for file in found:
        own = array("Q"), array("Q"), array("Q")
        codes = np.zeros(CODE_POINTS, np.bool_) if source.is_dir() else seen
        reader = TextReader(file)
        try:
            for unit in cut(_noting(reader, codes), split, size):
                encoded = len(unit.encode())
                for values, value in zip(own, (hash_of(unit), len(unit), encoded), strict=True):
                    values.append(value)
        except NotTextError as error:
            if source.is_file():
                raise
            skipped.append(str(error))
            continue
        np.logical_or(seen, codes, out=seen)
        files.append(file)
        digests.append(reader.sha256)
        units.append(len(own[0]))
        kept += file.size
        for values, more in zip((hashes, lengths, sizes), own, strict=True):
            values.extend(more)
        # <start> stands before a document's first part alone: of the only one that's trained on
        free = split != "part" or len(found) > 1
        can_be.extend([free or number > 0 for number in range(len(own[0]))])
    if skipped and kept < total / 2:
        raise DataError(
            f"{source} is mostly no UTF-8 text, {len(skipped)} of {len(found)} files; {skipped[0]}"
        )
    characters = np.flatnonzero(seen).astype(np.uint32)
    letters = [chr(code) for code in characters if not chr(code).isspace()]
    if len(letters) < 2:
        raise DataError(
            f"{source} repeats one character, {''.join(letters)!r}: there is nothing to learn"
        )
    return Survey(
        files=files,
        digests=digests,
        skipped=skipped,
        split=split,
        part_size=size,
        units=units,
        sizes=np.array(lengths, np.int64),
        held_out=choose_held_out(hashes, sizes, [bool(value) for value in can_be], split),
        characters=characters,
        bytes=kept,
    )


def _noting(reader: TextReader, seen: Bools) -> Iterator[str]:
    for piece in reader:
        seen[codes_of(piece)] = True
        yield piece
