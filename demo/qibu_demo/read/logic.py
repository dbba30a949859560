"""Reading a picture with several models at once, row by row."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

import qibu
from qibu.core.arrays import Float32Array
from qibu.core.errors import InputError
from qibu.pictures.picture_format import PictureFormat

from ..page.limits import PICTURE_BYTES, PICTURE_PIXELS

SURE = 0.95  # a probability at which a reader in a hurry would answer
_DATA_URL = "base64,"


@dataclass(frozen=True)
class Early:
    """The first row after which one class was as good as sure."""

    row: int  # counted from 1
    label: str


@dataclass(frozen=True)
class Progress:
    """What one model thinks after some rows."""

    model: str
    cell: str
    rows: Float32Array  # (rows read, classes) probabilities; one row where only the whole is read
    streaming: bool
    labels: tuple[str, ...]  # of the classes

    @property
    def index(self) -> int:
        """The likeliest class so far."""
        return int(self.rows[-1].argmax())

    @property
    def label(self) -> str:
        """What the likeliest class is called."""
        return self.labels[self.index]

    @property
    def early(self) -> Early | None:
        """The moment at which it could have answered, if there was one yet."""
        sure = np.flatnonzero(self.rows.max(axis=1) >= SURE)
        if not self.streaming or not sure.size:
            return None
        return Early(int(sure[0]) + 1, self.labels[int(self.rows[sure[0]].argmax())])


def ink_of(picture: bytes | str, pictures: PictureFormat) -> Float32Array:
    """Bring a PNG or JPEG to what a model reads.

    Args:
        picture: the file's bytes, or base64 of them, with or without a `data:` URL's beginning.
        pictures: what the model reads.

    Returns:
        (height, width) float32, 0..1, prepared as the model's file says.

    Raises:
        InputError: it is no such picture, too large, damaged or blank.
    """
    if isinstance(picture, str):
        if len(picture) > PICTURE_BYTES * 4 // 3 + 100:
            raise InputError(f"the picture is larger than {PICTURE_BYTES // 10**6} MB")
        beginning, mark, rest = picture.partition(_DATA_URL)
        try:
            picture = base64.b64decode(rest if mark else beginning, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InputError(f"the picture is not base64: {error}") from error
    if not picture:
        raise InputError("the picture is empty, wanted a PNG or JPEG")
    if len(picture) > PICTURE_BYTES:
        raise InputError(
            f"the picture has {len(picture) / 1e6:.0f} MB, "
            f"at most {PICTURE_BYTES // 10**6} are read"
        )
    _check_pixels(picture)
    return pictures.decode_picture(picture)


def _check_pixels(picture: bytes) -> None:
    """Look at the header alone: what a few bytes unpack to may not fit into memory."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(picture), formats=["PNG", "JPEG"]) as header:
            width, height = header.size
    except UnidentifiedImageError:
        return  # `decode_picture` says what is wrong
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"the picture is too large: {error}") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"the picture is damaged: {error}") from error
    if width * height > PICTURE_PIXELS:
        raise InputError(
            f"the picture is {width}x{height} pixels, "
            f"at most {PICTURE_PIXELS // 10**6} megapixels are read here"
        )


def read_rows(
    ink: Float32Array, readers: Mapping[str, qibu.Reader]
) -> Iterator[tuple[int, Sequence[Progress]]]:
    """Read a picture with several models side by side.

    Args:
        ink: (height, width) float32, 0..1, as all of the models read it.
        readers: by name.

    Yields:
        How many rows are read, from 1 on, and what each model thinks then. One that can't be
        stepped joins in at the last row.
    """
    streams = {name: reader.rows(ink) for name, reader in readers.items() if reader.stepper.pairs}
    thoughts: dict[str, list[Float32Array]] = {name: [] for name in streams}
    for row in range(1, len(ink) + 1):
        for name, stream in streams.items():
            thoughts[name].append(next(stream))
        progress = [
            Progress(name, cell_of(readers[name]), np.stack(rows), True, readers[name].labels)
            for name, rows in thoughts.items()
        ]
        if row == len(ink):
            for name in readers.keys() - streams.keys():
                reader = readers[name]
                whole = reader.read(ink).probabilities[None]
                progress.append(Progress(name, cell_of(reader), whole, False, reader.labels))
        yield row, progress


def cell_of(reader: qibu.Reader) -> str:
    """Name a model's cell."""
    assert reader.stepper.spec is not None  # a Reader has no other models
    return str(reader.stepper.spec.part["cell"])
