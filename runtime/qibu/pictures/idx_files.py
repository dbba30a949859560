"""Pictures and labels in IDX files: MNIST's, and every set that is laid out like it."""

import gzip
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

import numpy as np

from ..core.arrays import Float32Array, UInt8Array
from ..core.errors import DataError

_GZIP = b"\x1f\x8b"
_KIND = {3: "images-idx3", 1: "labels-idx1"}
# Fashion-MNIST's and KMNIST's names begin with the part, EMNIST's with the set
_NAME = re.compile(
    r"(?:(?P<name>.+)-)?(?P<part>train|t10k|test)-(?P<kind>images[-.]idx3|labels[-.]idx1)-ubyte"
    r"(?:\.gz)?"
)

Part = Literal["train", "test"]


def read_digits(folder: Path, part: Part) -> tuple[Float32Array, UInt8Array]:
    """Read MNIST's raw IDX files.

    Returns:
        Pictures (n, 28, 28) float32, ink 0..1, and labels (n,) uint8.

    Raises:
        DataError: a file is missing or its header contradicts its size.
    """
    pictures, labels = read_digit_bytes(folder, part)
    return pictures.astype(np.float32) / np.float32(255), labels


def read_digit_bytes(folder: Path, part: Part) -> tuple[UInt8Array, UInt8Array]:
    """Read MNIST's raw IDX files as they are: ink 0..255; else as `read_digits`."""
    prefix = {"train": "train", "test": "t10k"}[part]
    arrays = []
    for dimensions, kind in _KIND.items():
        path = folder / f"{prefix}-{kind}-ubyte"
        if not path.is_file():
            raise DataError(f"{path} is missing; get it with `qibu fetch digits`")
        try:
            arrays.append(read_idx(path, dimensions))
        except DataError as error:
            raise DataError(f"{error}; get it anew with `qibu fetch digits`") from error
    pictures, labels = arrays
    return pictures, labels


@dataclass(frozen=True)
class IdxSet:
    """The files of one set in a folder."""

    folder: Path
    name: str  # what its files' names begin with; "" where they begin with the part
    files: Mapping[tuple[str, int], Path]  # by part and number of dimensions

    @property
    def on_its_side(self) -> bool:
        """Whether its pictures are stored column by column, as all of EMNIST's are."""
        return self.name.startswith("emnist")

    def read(self, part: Part) -> tuple[UInt8Array, UInt8Array]:
        """Read a part's pictures (n, height, width), upright, and labels (n,).

        Raises:
            DataError: a file is missing or damaged, or there are more pictures than labels.
        """
        pictures, labels = (self._read(part, dimensions) for dimensions in _KIND)
        if len(pictures) != len(labels):
            raise DataError(
                f"{self.files[part, 3]} has {len(pictures):,} pictures, "
                f"{self.files[part, 1].name} {len(labels):,} labels; one each is wanted"
            )
        return pictures.transpose(0, 2, 1) if self.on_its_side else pictures, labels

    def _read(self, part: Part, dimensions: int) -> UInt8Array:
        if (part, dimensions) not in self.files:
            begin = f"{self.name}-" if self.name else ""
            raise DataError(
                f"{self.folder} lacks {begin}{part}-{_KIND[dimensions]}-ubyte (or .gz) beside "
                f"{', '.join(sorted(path.name for path in self.files.values()))}"
            )
        return read_idx(self.files[part, dimensions], dimensions)


def find_idx_sets(folder: Path) -> dict[str, IdxSet]:
    """Find the sets of a folder, by name; of a file that is there twice, the one not in gzip."""
    found: dict[str, dict[tuple[str, int], Path]] = {}
    by_name = sorted(folder.iterdir(), key=lambda path: path.name, reverse=True)
    for path in by_name:  # NAME.gz before NAME
        match = _NAME.fullmatch(path.name)
        if match and path.is_file():
            part = "train" if match["part"] == "train" else "test"
            files = found.setdefault(match["name"] or "", {})
            files[part, int(match["kind"][-1])] = path
    return {name: IdxSet(folder, name, files) for name, files in sorted(found.items())}


def read_idx(path: Path, dimensions: int) -> UInt8Array:
    """Read an IDX file of bytes, in gzip or not.

    Raises:
        DataError: it is cut short, too long, or begins as another file does.
    """
    try:
        raw = path.read_bytes()
        if raw.startswith(_GZIP):
            raw = gzip.decompress(raw)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is damaged: {error}") from error
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror or error}") from error
    header, magic = 4 + 4 * dimensions, bytes([0, 0, 8, dimensions])
    if raw[:4] != magic:
        raise DataError(
            f"{path} is not an IDX file of {dimensions} dimensions: it begins with "
            f"{raw[:4].hex(' ') or 'nothing'}, wanted {magic.hex(' ')}"
        )
    if len(raw) < header:
        raise DataError(f"{path} is cut short: {len(raw)} bytes, its header alone has {header}")
    shape = struct.unpack(f">{dimensions}I", raw[4:header])
    wanted = header + prod(shape)
    if len(raw) != wanted:
        sizes = " x ".join(map(str, shape))
        raise DataError(
            f"{path} is {'cut short' if len(raw) < wanted else 'too long'}: {len(raw):,} bytes, "
            f"its header says {sizes}, which takes {wanted:,}"
        )
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)
