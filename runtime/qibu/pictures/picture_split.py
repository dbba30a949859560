"""Which pictures are trained on, which choose the weights, and which judge: by hash alone."""

from collections.abc import Sequence

import numpy as np

from ..core.arrays import UInt8Array
from ..core.errors import DataError

TRAIN, VALIDATION, TEST = range(3)
SHARE = 0.1  # of a class's pictures, for each of the parts that are held out


def split_by_hash(
    digests: Sequence[bytes], labels: Sequence[int], names: Sequence[str], parts: Sequence[int]
) -> UInt8Array:
    """Part the pictures of each class by the order of their hashes, the same on every machine.

    Pictures with one hash fall to one part, so that no copy of a test picture is trained on.

    Args:
        digests: of the pictures' bytes.
        labels: their classes.
        names: of the classes.
        parts: those that are held out, of `VALIDATION` and `TEST`; the rest is `TRAIN`.

    Returns:
        A part for each picture, (pictures,) uint8.

    Raises:
        DataError: a class has too few different pictures to have one in every part.
    """
    split = np.full(len(labels), TRAIN, np.uint8)
    of_class: list[list[int]] = [[] for _ in names]
    for place, label in enumerate(labels):
        of_class[label].append(place)
    for name, places in zip(names, of_class, strict=True):
        ordered = sorted({digests[place] for place in places})
        if len(ordered) <= len(parts):
            raise DataError(
                f"class {name!r} has {_count(len(ordered))}, at least {len(parts) + 1} are wanted: "
                f"one to train{''.join(_WORDS[part] for part in parts)}"
            )
        each = max(1, round(SHARE * len(ordered)))
        held = {
            digest: part
            for number, part in enumerate(parts)
            for digest in ordered[number * each : (number + 1) * each]
        }
        for place in places:
            split[place] = held.get(digests[place], TRAIN)
    return split


_WORDS = {VALIDATION: ", one to choose the weights", TEST: ", one to judge them"}


def _count(pictures: int) -> str:
    return {0: "no pictures", 1: "one picture"}.get(pictures, f"{pictures} different pictures")
