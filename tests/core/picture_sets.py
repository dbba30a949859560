"""Tiny picture sets of somebody's own, as IDX files and as folders of PNG and JPEG files."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]
CLASSES = ("bottom", "left", "鞋 top")  # in the order of their characters


def bright_parts(count: int, seed: int = 0, height: int = 17, width: int = 12) -> tuple[Bytes, Any]:
    """Make pictures of which a part is bright: the lower, the left or the upper half.

    Returns:
        Pictures (count, height, width) uint8, and their classes (count,), each as often.
    """
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    pictures = random.integers(0, 70, (count, height, width)).astype(np.uint8)
    pictures[labels == 0, height // 2 :] += 120
    pictures[labels == 1, :, : width // 2] += 120
    pictures[labels == 2, : height // 2] += 120
    return pictures, labels


def write_idx(path: Path, array: NDArray[Any]) -> Path:
    """Write an IDX file of bytes, in gzip if its name says so."""
    array = array.astype(np.uint8)
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    data = header + array.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_idx_set(
    folder: Path, count: int = 60, name: str = "", first: int = 0, end: str = "", test: bool = True
) -> Path:
    """Write a set as Fashion-MNIST and EMNIST have theirs; of EMNIST's on its side."""
    for part, seed in (("train", 0), ("t10k", 1))[: 1 + test]:
        pictures, labels = bright_parts(count if part == "train" else 30, seed)
        if name.startswith("emnist"):
            pictures = pictures.transpose(0, 2, 1)
        write_idx(folder / f"{name}{part}-images-idx3-ubyte{end}", pictures)
        write_idx(folder / f"{name}{part}-labels-idx1-ubyte{end}", labels + first)
    return folder


def write_folders(
    folder: Path,
    count: int = 60,
    names: Sequence[str] = CLASSES,
    kind: str = "png",
    mode: str = "RGB",
) -> Path:
    """Write a subfolder a class."""
    for number, (picture, label) in enumerate(zip(*bright_parts(count), strict=True)):
        path = folder / names[label] / f"{number:03d}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture, "L").convert(mode).save(path)
    return folder
