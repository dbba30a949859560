"""Which lines stand word for word in the corpus."""

from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..corpus import read_poems
from ..errors import DataError
from ..files import atomic_path
from .forms import split_lines

INDEX = "lines.npy"


def _number(line: str) -> int:
    return int.from_bytes(blake2b(line.encode(), digest_size=8).digest(), "big")


class CorpusLines:
    """The lines of all poems of the corpus, as sorted hashes of 64 bits.

    A line that is new is taken for an old one once in some ten million million times.
    """

    def __init__(self, hashes: npt.NDArray[np.uint64]) -> None:
        self._hashes = hashes

    def __contains__(self, line: str) -> bool:
        number = np.uint64(_number(line))
        place = int(np.searchsorted(self._hashes, number))
        return place < len(self._hashes) and bool(self._hashes[place] == number)

    def __len__(self) -> int:
        return len(self._hashes)

    @classmethod
    def of_corpus(cls, folder: Path) -> "CorpusLines":
        """Read the index of a folder of poems, which is made there the first time (some seconds).

        The Song poems count where they are.

        Raises:
            DataError: the folder has no poems.
        """
        song = any(folder.glob("poet.song.*.json"))
        path = folder / f"{'tang-song' if song else 'tang'}-{INDEX}"
        if path.is_file():
            try:
                hashes = np.load(path, mmap_mode="r", allow_pickle=False)
            except (ValueError, OSError, EOFError) as error:
                raise DataError(f"{path} is broken ({error}); remove it") from error
            return cls(hashes)
        lines = {line for poem in read_poems(folder, song=song) for line in split_lines(poem.text)}
        hashes = np.fromiter(map(_number, lines), np.uint64, len(lines))
        hashes.sort()
        with atomic_path(path) as temporary, temporary.open("wb") as stream:
            np.save(stream, hashes)
        return cls(hashes)
