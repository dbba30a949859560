"""Pictures in folders: one subfolder a class, named as the class."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..core.arrays import Float32Array
from ..core.errors import DataError
from .picture_file import decode_grey, naming

ENDINGS = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class ClassFolder:
    """A class: its name, and its pictures' files by name."""

    name: str
    files: tuple[Path, ...]


def find_classes(folder: Path) -> list[ClassFolder]:
    """Find the classes of a folder: numbers by their value, other names by their characters.

    Hidden files and folders are passed over, and files that end otherwise than in .png, .jpg or
    .jpeg.

    Raises:
        DataError: there are no subfolders, or one has no pictures.
    """
    folders = [path for path in folder.iterdir() if path.is_dir() and _is_seen(path)]
    if not folders:
        raise DataError(
            f"{folder} holds no pictures: wanted are IDX files (NAME-images-idx3-ubyte and "
            "NAME-labels-idx1-ubyte), or a subfolder of PNG or JPEG files for each class"
        )
    if all(path.name.isdecimal() for path in folders):
        folders.sort(key=lambda path: (int(path.name), path.name))
    else:
        folders.sort(key=lambda path: path.name)
    return [ClassFolder(path.name, _pictures(path)) for path in folders]


@dataclass(frozen=True)
class FilePicture:
    """A picture of a class."""

    path: Path
    label: int  # of the class, by its place
    digest: bytes  # SHA-256 of the file
    grey: Float32Array  # (height, width), 0 black to 1 white


def read_pictures(classes: Sequence[ClassFolder]) -> Iterator[FilePicture]:
    """Read all pictures, a class after the other.

    Raises:
        InputError: a file is no picture, or damaged; names it.
        MissingExtraError: a file needs Pillow, which isn't installed.
    """
    for label, one in enumerate(classes):
        for path in one.files:
            with naming(path):
                data = path.read_bytes()
                grey = decode_grey(data)
            yield FilePicture(path, label, sha256(data).digest(), grey)


def _is_seen(path: Path) -> bool:
    # __MACOSX is what an archive made there leaves beside the folders
    return not path.name.startswith((".", "__"))


def _pictures(folder: Path) -> tuple[Path, ...]:
    # by name, since Windows's paths are compared as if they were in small letters
    seen = sorted(filter(_is_seen, folder.iterdir()), key=lambda path: path.name)
    found = tuple(path for path in seen if path.suffix.lower() in ENDINGS and path.is_file())
    if found:
        return found
    deeper = [path for path in seen if path.is_dir()]
    if deeper:
        raise DataError(
            f"{folder} holds folders, no pictures: if {deeper[0].name!r} is a class, "
            f"give --from {folder}"
        )
    raise DataError(f"{folder} holds no picture that ends in {', '.join(ENDINGS)}")
