"""What the classes of own pictures are called, and which number of a file is which class."""

from collections import Counter
from collections.abc import Sequence
from os.path import isfile
from pathlib import Path

from ..core.arrays import UInt8Array
from ..core.errors import DataError, InputError
from .class_folders import ClassFolder
from .idx_files import IdxSet

LONGEST = 256  # characters of a label, as a model file holds them


def read_labels(given: str) -> tuple[str, ...]:
    """Read the names of classes: with commas between them, or from a file with one a line.

    Raises:
        InputError: it is one name that isn't a file, the file isn't UTF-8, or names don't do.
    """
    path = Path(given)
    if isfile(path):  # a long list is no path, which Path.is_file raises for
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise InputError(f"{path} isn't UTF-8: {error}") from error
        names = tuple(line.strip() for line in lines)
        while names and not names[-1]:
            names = names[:-1]
    elif "," in given:
        names = tuple(name.strip() for name in given.split(","))
    else:
        raise InputError(
            "--labels takes names with commas between them, or a file with one a line; "
            f"there is no file {given!r}"
        )
    check_labels(names)
    return names


def check_labels(names: Sequence[str]) -> None:
    """Check that the names of classes can be told apart.

    Raises:
        InputError: there are fewer than two, one stands twice, is empty, or is too long.
    """
    if len(names) < 2:
        raise InputError(f"at least 2 classes are wanted, got {', '.join(names) or 'none'}")
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        places = [str(place) for place, other in enumerate(names, 1) if other == name]
        raise InputError(f"label {name!r} stands {count} times: at {', '.join(places)}")
    for place, name in enumerate(names, 1):
        if not 0 < len(name) <= LONGEST:
            raise InputError(f"label {place} must have 1..{LONGEST} characters, got {name[:40]!r}")
        if any("\ud800" <= character <= "\udfff" for character in name):  # of a folder, say
            raise InputError(f"label {place} isn't UTF-8: {name!r}")


def number_labels(
    numbers: UInt8Array, names: Sequence[str] | None, file: str
) -> tuple[int, tuple[str, ...]]:
    """Find how a file numbers its classes: from 0, or from 1 as EMNIST's letters.

    Args:
        numbers: the labels of the training pictures.
        names: of the classes, if they are known.
        file: what holds the labels.

    Returns:
        The number of the first class, and the classes' names: their numbers unless given.

    Raises:
        DataError: the file has no labels, or all are one.
        InputError: there are fewer names than classes, or a label is outside of them.
    """
    if not numbers.size:
        raise DataError(f"{file} has no labels")
    least, most = int(numbers.min()), int(numbers.max())
    if least == most:
        raise DataError(f"{file} has one class, {least}; at least 2 are wanted")
    first = int(least == 1 and (names is None or most == len(names)))
    if names is None:
        return first, tuple(map(str, range(first, most + 1)))
    if most - first >= len(names):
        raise InputError(
            f"{len(names)} labels are named, {file} has label {most}, outside "
            f"{first}..{first + len(names) - 1}; name every class with --labels"
        )
    return first, tuple(names)


def mapped_names(idx: IdxSet) -> tuple[str, ...] | None:
    """Read the characters of EMNIST's classes, if the file that says them lies beside the set.

    Raises:
        DataError: the file is there and says something else.
    """
    path = idx.folder / f"{idx.name}-mapping.txt"
    if not path.is_file():
        return None
    try:
        rows = [list(map(int, line.split())) for line in path.read_text("ascii").splitlines()]
        return tuple(chr(row[1]) for row in sorted(rows) if row)
    except (ValueError, IndexError, OverflowError) as error:
        raise DataError(
            f"{path} must have a label and a character's number a line: {error}"
        ) from error


def in_order(
    classes: Sequence[ClassFolder], names: Sequence[str]
) -> tuple[list[ClassFolder], tuple[str, ...]]:
    """Put folders in the order of names if they have them, else name them in their own order.

    Raises:
        InputError: there are more classes than names, or fewer.
    """
    if len(names) != len(classes):
        found = ", ".join(one.name for one in classes)
        raise InputError(
            f"{len(names)} labels are named, there are {len(classes)} classes: {found}"
        )
    by_name = {one.name: one for one in classes}
    if set(by_name) == set(names):
        return [by_name[name] for name in names], tuple(names)
    return list(classes), tuple(names)
