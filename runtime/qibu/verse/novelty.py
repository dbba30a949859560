"""Which lines stand word for word in the corpus."""

from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, MissingExtraError
from ..core.files import atomic_path
from ..data.registry import data_folder
from .forms import split_lines
from .poem_corpus import read_poems
from .tones import unified


def _number(line: str) -> int:
    one = "".join(map(unified, line))  # whichever variant a character is written as
    return int.from_bytes(blake2b(one.encode(), digest_size=8).digest(), "big")


class CorpusLines:
    """The lines of all poems of the corpus, as sorted hashes of 64 bits.

    A line that is new is taken for an old one once in some ten million million times.
    """

    def __init__(self, hashes: npt.NDArray[np.uint64]) -> None:
        self._hashes = hashes

    def holds(self, line: str) -> bool:
        """Say whether a line, in traditional characters or variants, stands in the corpus."""
        number = np.uint64(_number(line))
        place = int(np.searchsorted(self._hashes, number))
        return place < len(self._hashes) and bool(self._hashes[place] == number)

    def __len__(self) -> int:
        return len(self._hashes)

    @classmethod
    def read(cls, folder: Path) -> "CorpusLines | None":
        """Read the index of a folder of poems, if `make` has left one there.

        Raises:
            DataError: it is broken.
        """
        path = _index(folder)
        if not path.is_file():
            return None
        try:
            return cls(np.load(path, mmap_mode="r", allow_pickle=False))
        except (ValueError, OSError, EOFError) as error:
            raise DataError(f"{path} is broken ({error}); remove it") from error

    @classmethod
    def make(cls, folder: Path) -> "CorpusLines":
        """Read the index, or make it first, which takes some seconds.

        The Song poems count where they are.

        Raises:
            DataError: the folder has no poems, or a broken index.
        """
        found = cls.read(folder)
        if found is not None:
            return found
        poems = read_poems(folder, song=_has_song(folder))
        lines = {line for poem in poems for line in split_lines(poem.text)}
        hashes = np.fromiter(map(_number, lines), np.uint64, len(lines))
        hashes.sort()
        with atomic_path(_index(folder)) as temporary, temporary.open("wb") as stream:
            np.save(stream, hashes)
        return cls(hashes)


def _has_song(folder: Path) -> bool:
    return any(folder.glob("poet.song.*.json"))


def _index(folder: Path) -> Path:
    return folder / f"{'tang-song' if _has_song(folder) else 'tang'}-line-hashes.npy"


def corpus_lines() -> CorpusLines | None:
    """Give the lines of the fetched corpus, if `qibu evaluate poem` has made their index."""
    try:
        folder = data_folder("poems")
    except (MissingExtraError, DataError):  # without platformdirs, or a home, nothing was fetched
        return None
    try:
        return CorpusLines.read(folder)
    except PermissionError:  # a home of somebody else: nothing of this user's is there
        return None
