"""A user's own pictures with their classes, from IDX files or from folders."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.arrays import Array, Float32Array, Int64Array, UInt8Array
from ..core.errors import DataError, InputError
from .class_folders import find_classes, read_pictures
from .idx_files import IdxSet, find_idx_sets
from .labels import check_labels, in_order, mapped_names, number_labels
from .picture_format import PictureFormat, check_sides
from .picture_split import TEST, VALIDATION, split_by_hash
from .scaling import scaled

Size = tuple[int, int]  # height, width


@dataclass(frozen=True)
class PictureSet:
    """Pictures of one size, each of one class and of one part of the split."""

    pictures: UInt8Array  # (n, height, width), 0 black to 255 white
    labels: Int64Array  # (n,)
    split: UInt8Array  # (n,) of TRAIN, VALIDATION, TEST
    names: tuple[str, ...]  # of the classes
    digest: str  # SHA-256 of the list of the pictures' own, with their classes

    @property
    def format(self) -> PictureFormat:
        """What a model of them reads."""
        height, width = self.pictures.shape[1:]
        return PictureFormat(height, width, self.names, background=self._background())

    def _background(self) -> float:
        """Give the usual grey of the border, 0 black to 1 white, of at most 1,000 pictures."""
        some = self.pictures[:: -(-len(self.pictures) // 1000)]
        edge = np.ones(some.shape[1:], np.bool_)
        edge[1:-1, 1:-1] = False
        return round(float(np.median(some[:, edge])) / 255, 2)

    def places(self, part: int) -> Int64Array:
        """Give which pictures belong to a part of the split."""
        return np.flatnonzero(self.split == part)


def read_picture_set(
    source: Path, size: Size | None = None, names: Sequence[str] | None = None
) -> PictureSet:
    """Read a user's own pictures.

    Args:
        source: a folder of IDX files, or of subfolders, one a class; where one folder has several
            IDX sets, FOLDER/NAME.
        size: height and width to which they are scaled; None: they must have one size.
        names: of the classes, in order; None: as the folders or the labels are called.

    Raises:
        DataError: there are none, a file is damaged or missing, a class has too few.
        InputError: the names don't fit the classes, sizes are mixed, a picture can't be read.
        MissingExtraError: a file needs Pillow, which isn't installed.
    """
    if names is not None:
        check_labels(names)
    idx = _idx_set(source)
    if idx is not None:
        return _of_idx(idx, size, names)
    if not source.is_dir():
        found = "is a file" if source.exists() else "is missing"
        raise DataError(f"{source} {found}; --from wants a folder of pictures")
    return _of_folders(source, size, names)


def _idx_set(source: Path) -> IdxSet | None:
    folder, wanted = (source, None) if source.is_dir() else (source.parent, source.name)
    found = find_idx_sets(folder) if folder.is_dir() else {}
    if wanted is None and len(found) > 1:
        raise DataError(
            f"{folder} holds {len(found)} sets: {', '.join(map(repr, found))}; "
            f"name one: --from {folder / max(found)}"
        )
    return found.get(wanted) if wanted is not None else next(iter(found.values()), None)


def _of_idx(idx: IdxSet, size: Size | None, names: Sequence[str] | None) -> PictureSet:
    pictures, numbers = idx.read("train")
    if 0 in pictures.shape:
        raise DataError(f"{idx.files['train', 3]} has no pictures: its sizes are {pictures.shape}")
    first, names = number_labels(numbers, names or mapped_names(idx), str(idx.files["train", 1]))
    labels = numbers.astype(np.int64) - first
    own_test = ("test", 3) in idx.files or ("test", 1) in idx.files
    digests = _digests(pictures)
    parts = (VALIDATION,) if own_test else (VALIDATION, TEST)
    split = split_by_hash(digests, labels.tolist(), names, parts)
    if own_test:
        more, theirs = idx.read("test")
        if more.shape[1:] != pictures.shape[1:]:
            raise DataError(
                f"{idx.files['test', 3]} has pictures of {_named(more.shape[1:])}, "
                f"{idx.files['train', 3].name} of {_named(pictures.shape[1:])}"
            )
        later = theirs.astype(np.int64) - first
        _want_known(later, names, idx.files["test", 1], first)
        pictures, labels = np.concatenate([pictures, more]), np.concatenate([labels, later])
        split = np.concatenate([split, np.full(len(later), TEST, np.uint8)])
        digests += _digests(more)
    check_sides(*(size or pictures.shape[1:]))
    if size is not None and size != pictures.shape[1:]:
        greys = (picture.astype(np.float32) / np.float32(255) for picture in pictures)
        pictures = np.stack([_to_bytes(grey, size) for grey in greys])
    return PictureSet(pictures, labels, split, names, _fingerprint(digests, labels))


def _want_known(labels: Int64Array, names: Sequence[str], path: Path, first: int) -> None:
    odd = labels[(labels < 0) | (labels >= len(names))]
    if odd.size:
        raise DataError(
            f"{path} has label {odd[0] + first}, outside {first}..{first + len(names) - 1}"
        )


def _of_folders(folder: Path, size: Size | None, names: Sequence[str] | None) -> PictureSet:
    classes = find_classes(folder)
    if len(classes) < 2:
        raise DataError(f"{folder} has one class, {classes[0].name!r}; at least 2 are wanted")
    if names is not None:
        classes, names = in_order(classes, names)
    pictures: list[UInt8Array] = []
    labels: list[int] = []
    digests: list[bytes] = []
    sizes: Counter[tuple[int, ...]] = Counter()
    examples: dict[tuple[int, ...], Path] = {}
    for one in read_pictures(classes):
        shape = one.grey.shape
        sizes[shape] += 1
        examples.setdefault(shape, one.path)
        if size is not None or len(sizes) == 1:  # of mixed sizes all are counted, none is kept
            pictures.append(_to_bytes(one.grey, size or shape))
        labels.append(one.label)
        digests.append(one.digest)
    if size is None and len(sizes) > 1:
        raise _mixed(folder, sizes, examples)
    check_sides(*pictures[0].shape)
    found = tuple(one.name for one in classes) if names is None else tuple(names)
    check_labels(found)
    split = split_by_hash(digests, labels, found, (VALIDATION, TEST))
    numbers = np.array(labels, np.int64)
    return PictureSet(np.stack(pictures), numbers, split, found, _fingerprint(digests, numbers))


def _mixed(
    folder: Path, sizes: Counter[tuple[int, ...]], examples: dict[tuple[int, ...], Path]
) -> InputError:
    usual, other = [shape for shape, _ in sizes.most_common(2)]
    shown = (f"{_named(one)} ({examples[one].relative_to(folder)})" for one in (usual, other))
    return InputError(
        f"{folder} has pictures of {len(sizes)} sizes, such as {' and '.join(shown)}; "
        f"have them scaled to one: --set size={_named(usual)}"
    )


def _named(shape: Sequence[int]) -> str:
    return f"{shape[1]}x{shape[0]}"


def _to_bytes(grey: Float32Array, size: Size | tuple[int, ...]) -> UInt8Array:
    height, width = size
    return np.rint(scaled(grey, height, width) * 255).astype(np.uint8)


def _digests(pictures: Array) -> list[bytes]:
    return [hashlib.sha256(picture.tobytes()).digest() for picture in pictures]


def _fingerprint(digests: Sequence[bytes], labels: Int64Array) -> str:
    whole = hashlib.sha256()
    for line in sorted(d + int(n).to_bytes(4, "big") for d, n in zip(digests, labels, strict=True)):
        whole.update(line)
    return whole.hexdigest()
