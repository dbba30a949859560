"""The files of a text: found in one order everywhere, decoded piece by piece."""

import codecs
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qibu.core.errors import DataError

CHUNK = 1 << 20  # bytes read at a time
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # what such a file begins with


class NotTextError(DataError):
    """A file isn't UTF-8 text."""


@dataclass(frozen=True)
class TextFile:
    """A file, and what it is called below the folder where it was found."""

    path: Path
    name: str

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.path.stat().st_size


def find_files(source: Path) -> list[TextFile]:
    """Give a file itself, or all files below a folder, ordered by their names' code points.

    What begins with a dot is passed over, folders behind links too.

    Raises:
        DataError: there is nothing.
    """
    if source.is_file():
        return [TextFile(source, source.name)]
    if not source.is_dir():
        raise DataError(f"{source} is neither a file nor a folder; say where the text is: --from")
    found = []
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = [Path(folder) / name for name in names if not name.startswith(".")]
        found += [
            TextFile(path, path.relative_to(source).as_posix()) for path in paths if path.is_file()
        ]
    if not found:
        raise DataError(f"{source} has no files; say where the text is: --from FILE or --from DIR")
    return sorted(found, key=lambda file: file.name)


class TextReader:
    """One pass over a file's text; `sha256`, of its bytes, is known at the end."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._line = 1  # where a chunk begins
        self._offset = 0  # in bytes

    @property
    def sha256(self) -> str:
        """The digest of the bytes that were read."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[str]:
        """Give the text in pieces, without a byte order mark, lines ending in "\\n" alone.

        Raises:
            NotTextError: says at which byte and line the file is binary or no UTF-8.
        """
        decoder = codecs.getincrementaldecoder("utf-8")()
        begun = False
        newlines = io.IncrementalNewlineDecoder(None, translate=True)
        with self._file.path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                self._digest.update(chunk)
                if (zero := chunk.find(b"\0")) >= 0 and not self._is_utf_16():
                    raise NotTextError(
                        f"{self._file.path} is binary, no text: byte {self._offset + zero:,} "
                        f"(line {self._line_at(chunk, zero):,}) is 0; leave it out"
                    )
                pending = len(decoder.getstate()[0])
                try:
                    text = decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    raise self._wrong(chunk, error.start - pending, error.reason) from error
                if text and not begun:
                    text, begun = text.removeprefix("\ufeff"), True
                self._offset += len(chunk)
                self._line += chunk.count(b"\n")
                if text := newlines.decode(text):
                    yield text
        try:
            rest = newlines.decode(decoder.decode(b"", final=True), final=True)
        except UnicodeDecodeError as error:
            raise self._wrong(b"", -len(error.object), "unexpected end of data") from error
        if rest:
            yield rest

    def _is_utf_16(self) -> bool:
        with self._file.path.open("rb") as stream:
            return stream.read(2) in UTF_16

    def _line_at(self, chunk: bytes, place: int) -> int:
        return self._line + chunk[: max(place, 0)].count(b"\n")

    def _wrong(self, chunk: bytes, place: int, reason: str) -> NotTextError:
        """Say what is wrong at a place in a chunk; a negative one is in the chunk before."""
        path, encoding = self._file.path, "UTF-16" if self._is_utf_16() else "GB18030"
        return NotTextError(
            f"{path} is no UTF-8 at byte {self._offset + place:,} "
            f"(line {self._line_at(chunk, place):,}): {reason}; if it is {encoding}, "
            f"convert it: iconv -f {encoding} -t UTF-8 {path} > NEW"
        )
