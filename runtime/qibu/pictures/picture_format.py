"""What pictures a model reads: their size, what they may show, and how one is prepared."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..core.arrays import Float32Array
from ..core.errors import InputError, ModelFileError
from ..core.model_file import ModelSpec
from ..core.port import Port
from ..core.recurrent_part import RecurrentPart, read_recurrent_part
from .mnist_picture import SIDE, to_mnist
from .picture_file import decode_grey, naming, read_grey
from .scaling import scaled


@dataclass(frozen=True)
class PictureFormat:
    """The pictures of one model.

    Attributes:
        height: the rows, each a step.
        width: of a row, in pixels.
        labels: of the classes, in the order of the probabilities.
        preparation: one of `PREPARATIONS`; "mnist" finds the ink and lays it as MNIST has it,
            "scale" takes the greys as they are, in the model's size.
        background: what surrounds the thing, 0 black to 1 white: what paper to draw on.
    """

    height: int
    width: int
    labels: tuple[str, ...]
    preparation: str = "scale"
    background: float = 0.0

    def prepare(self, grey: Float32Array) -> Float32Array:
        """Make of greys what the model reads.

        Args:
            grey: (rows, columns) float32, 0 black to 1 white, any size; not modified.

        Returns:
            (height, width) float32, 0..1.

        Raises:
            InputError: the preparation looks for ink and finds none.
        """
        return PREPARATIONS[self.preparation](self, grey)

    def read_picture(self, path: str | os.PathLike[str]) -> Float32Array:
        """Read a PNG or JPEG of any size as the model's picture; see `prepare`.

        Raises:
            InputError: the file is missing, no PNG or JPEG, damaged, over 64 megapixels, or blank.
            MissingExtraError: the file needs Pillow, which isn't installed.
        """
        grey = read_grey(path)
        with naming(path):
            return self.prepare(grey)

    def decode_picture(self, data: bytes) -> Float32Array:
        """Read the bytes of a PNG or JPEG; as `read_picture`, but for the file."""
        return self.prepare(decode_grey(data))

    def to_json(self) -> dict[str, object]:
        """Give what stands in a model file; the labels stand with its output."""
        return {
            "height": self.height,
            "width": self.width,
            "preparation": self.preparation,
            "background": self.background,
        }

    @property
    def words(self) -> str:
        """Say what the rows of a picture are, for those who find the file."""
        rows = f"{self.height} rows of {self.width} pixels from the top"
        return f"{rows}, {_WORDS[self.preparation]}"


def _mnist(pictures: PictureFormat, grey: Float32Array) -> Float32Array:
    return to_mnist(grey)


def _scale(pictures: PictureFormat, grey: Float32Array) -> Float32Array:
    return scaled(grey, pictures.height, pictures.width)


PREPARATIONS: Mapping[str, Callable[[PictureFormat, Float32Array], Float32Array]] = {
    "mnist": _mnist,
    "scale": _scale,
}
_WORDS: Mapping[str, str] = {
    "mnist": "ink 0..1, centred as in MNIST",
    "scale": "0 black to 1 white",
}
LARGEST = 1024  # pixels on a side: a row is a step, so more are scaled down
MNIST = PictureFormat(SIDE, SIDE, tuple("0123456789"), "mnist", background=1.0)


@dataclass(frozen=True)
class PicturePart(RecurrentPart):
    """What a file of the task says of its network and its pictures."""

    pictures: PictureFormat


def read_picture_part(
    spec: ModelSpec, inputs: Mapping[str, Port], outputs: Mapping[str, Port]
) -> PicturePart:
    """Read the fields of a part that its schema has passed; a file without pictures is MNIST's.

    Raises:
        ModelFileError: sizes or labels contradict the graph, or the states the sizes.
    """
    recurrent = read_recurrent_part(spec)
    said = spec.part.get("picture", MNIST.to_json())
    note = spec.ports.get("probabilities")
    classes = outputs["probabilities"].axes[-1]
    pictures = PictureFormat(
        height=said["height"],
        width=said["width"],
        labels=(note.labels if note else ()) or MNIST.labels,
        preparation=said["preparation"],
        background=said.get("background", MNIST.background),
    )
    if inputs["rows"].axes[-1] != pictures.width:
        raise ModelFileError(
            f"input 'rows' has {inputs['rows'].axes[-1]} pixels, the pictures are "
            f"{pictures.width} wide"
        )
    if classes != len(pictures.labels):
        raise ModelFileError(
            f"output 'probabilities' has {classes} classes, {len(pictures.labels)} are named"
        )
    if pictures.preparation == MNIST.preparation and (
        (pictures.height, pictures.width) != (MNIST.height, MNIST.width)
    ):
        raise ModelFileError(
            f"a picture prepared as in MNIST is {MNIST.width}x{MNIST.height}, "
            f"the file says {pictures.width}x{pictures.height}"
        )
    return PicturePart(**vars(recurrent), pictures=pictures)


def parse_size(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT, in pixels, as height and width.

    Raises:
        InputError: it is something else, or a side is outside 1..1024.
    """
    width, times, height = text.lower().partition("x")
    if not (times and width.isdecimal() and height.isdecimal()):
        raise InputError(f"size must be WIDTHxHEIGHT in pixels, as 28x28, got {text!r}")
    check_sides(int(height), int(width))
    return int(height), int(width)


def check_sides(height: int, width: int) -> None:
    """Refuse a size that no network should read row by row.

    Raises:
        InputError: a side is outside 1..1024.
    """
    if not (1 <= height <= LARGEST and 1 <= width <= LARGEST):
        raise InputError(
            f"pictures must have 1..{LARGEST} pixels on a side, got {width}x{height}; "
            "have them scaled with --set size=WIDTHxHEIGHT"
        )
