"""Which model a state belongs to: a digest over all that a session loads."""

import hashlib
import os
from functools import cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path

from .errors import ModelFileError
from .onnx_file import OnnxFile, read_onnx

SMALL = 1 << 20  # bytes; up to here the digest costs no time worth sparing


class ModelIdentity:
    """The SHA-256 of a model file and of the side files that hold its weights.

    Of a large file it is taken when somebody first asks: one process steps the states of its own
    steppers without it. A file that changed by then is an error, for its digest would be another's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamps = {path: _stamp(path)}
        if self._stamps[path][0] <= SMALL:
            for file in self.files:
                self._stamps[file] = _stamp(file)
            if sum(size for size, _ in self._stamps.values()) <= SMALL:
                _ = self.digest

    @cached_property
    def content(self) -> OnnxFile | None:
        """What the file says; None of onnxruntime's own format, which keeps all in one file."""
        with self._path.open("rb") as stream:
            if stream.read(8)[4:8] == b"ORTM":
                return None
            if not self._stamps[self._path][0]:
                raise ModelFileError("it is no ONNX file: it is empty")
            # not closed here: an error's trace still holds views of it
            content = mmap(stream.fileno(), 0, access=ACCESS_READ)
        return read_onnx(content)

    @cached_property
    def files(self) -> list[Path]:
        """The model file, then its side files in the order of their names.

        Raises:
            ModelFileError: a side file is missing, or lies outside the model's folder.
        """
        if self.content is None:
            return [self._path]
        folder, names = self._path.parent, sorted(self.content.side_files)
        for name in names:
            inside = (folder / name).resolve().is_relative_to(folder.resolve())
            if not inside or not (folder / name).is_file():
                where = "is missing" if inside else "lies outside the model's folder"
                raise ModelFileError(f"{self._path}: its weights' file {name!r} {where}")
        return [self._path, *(folder / name for name in names)]

    @cached_property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal.

        Raises:
            ModelFileError: a file changed since the session loaded it.
        """
        parts = []
        for file in self.files:
            if _stamp(file) != self._stamps.setdefault(file, _stamp(file)):
                raise ModelFileError(f"{file} changed since it was opened; open it anew")
            with file.open("rb") as stream:
                digest = hashlib.sha256()
                while block := stream.read(1 << 20):
                    digest.update(block)
            parts.append(digest.hexdigest())
        if len(parts) == 1:
            return parts[0]
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(_stamp(file)[0] for file in self.files)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, str):
            return self.digest == other
        return isinstance(other, ModelIdentity) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __str__(self) -> str:
        return self.digest


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError as error:
        raise ModelFileError(f"{path} can't be read: {error.strerror}") from error
    return found.st_size, found.st_mtime_ns
