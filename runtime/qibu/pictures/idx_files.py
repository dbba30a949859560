"""MNIST's pictures and labels as its IDX files hold them."""

import struct
from pathlib import Path
from typing import Literal

import numpy as np

from ..core.arrays import Float32Array, UInt8Array
from ..core.errors import DataError


def read_digits(folder: Path, part: Literal["train", "test"]) -> tuple[Float32Array, UInt8Array]:
    """Read MNIST's raw IDX files.

    Returns:
        Pictures (n, 28, 28) float32, ink 0..1, and labels (n,) uint8.

    Raises:
        DataError: a file is missing or its header contradicts its size.
    """
    prefix = {"train": "train", "test": "t10k"}[part]
    pictures = _read_idx(folder / f"{prefix}-images-idx3-ubyte", dimensions=3)
    labels = _read_idx(folder / f"{prefix}-labels-idx1-ubyte", dimensions=1)
    return pictures.astype(np.float32) / np.float32(255), labels


def _read_idx(path: Path, dimensions: int) -> UInt8Array:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing; get it with `qibu fetch digits`") from error
    header = 4 + 4 * dimensions
    shape = struct.unpack(f">{dimensions}I", raw[4:header].ljust(header - 4, b"\0"))
    whole = len(raw) >= header and len(raw) == header + int(np.prod(shape))
    if raw[:4] != bytes([0, 0, 8, dimensions]) or not whole:
        raise DataError(
            f"{path} is not an IDX file of {dimensions} dimensions; "
            "get it anew with `qibu fetch digits`"
        )
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)
