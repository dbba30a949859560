"""Picture files as greys: PNG with the standard library, or with Pillow, which reads JPEG too."""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np

from ..core.arrays import Float32Array, UInt8Array
from ..core.errors import InputError, MissingExtraError
from .png_decoder import SIGNATURE, check_size, decode_png, split_png

_JPEG = b"\xff\xd8\xff"


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Put a file's name before whatever is wrong with it."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except MissingExtraError as error:
        raise MissingExtraError(f"{path}: {error}") from error


def read_grey(path: str | os.PathLike[str]) -> Float32Array:
    """Read a PNG or JPEG as greys; see `decode_grey`.

    Raises:
        InputError: the file is missing, no PNG or JPEG, damaged, or over 64 megapixels.
        MissingExtraError: the file needs Pillow, which isn't installed.
    """
    with naming(path), Path(path).open("rb") as file:
        start = _checked_start(file.read(len(SIGNATURE)))
        return decode_grey(start + file.read())


def decode_grey(data: bytes) -> Float32Array:
    """Read the bytes of a PNG or JPEG as greys.

    Colours are weighed as in ITU-R 601 and EXIF's orientation is followed. A transparent picture is
    laid on white, or on black if all that can be seen of it is light. Without Pillow PNG alone is
    read.

    Returns:
        (height, width) float32, 0 black to 1 white.

    Raises:
        InputError: the bytes are no PNG or JPEG, damaged, or over 64 megapixels.
        MissingExtraError: they need Pillow, which isn't installed.
    """
    _checked_start(data[: len(SIGNATURE)])
    return _on_paper(_decode(data))


def _checked_start(start: bytes) -> bytes:
    if not start.startswith((SIGNATURE, _JPEG)):
        raise InputError(f"not a picture: it begins with {start!r}, wanted PNG or JPEG")
    return start


def _decode(data: bytes) -> UInt8Array:
    """Decode to (height, width, 2) uint8, grey and alpha."""
    # Pillow leaves the CRC of pixel data unchecked
    png = split_png(data) if data.startswith(SIGNATURE) else None
    try:
        from PIL import Image, ImageOps
    except ModuleNotFoundError as error:
        if error.name not in ("PIL", "PIL.Image"):
            raise
        if png is None:
            raise MissingExtraError("a JPEG needs Pillow: pip install 'qibu[pictures]'") from error
        return decode_png(png)
    try:
        with Image.open(BytesIO(data), formats=["PNG", "JPEG"]) as opened:
            check_size(*opened.size)
            image = ImageOps.exif_transpose(opened)
            if image.mode.startswith("I"):  # 16-bit grey, which Pillow would clip at 255
                samples = np.asarray(image)
                alpha = np.where(samples == image.info.get("transparency", -1), 0, 255)
                return np.stack([samples >> 8, alpha], axis=2).astype(np.uint8)
            return np.asarray(image.convert("RGBA").convert("LA"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"the picture is too large: {error}") from error
    except InputError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise InputError(f"the picture is damaged: {error}") from error


def _on_paper(pixels: UInt8Array) -> Float32Array:
    grey = pixels[..., 0].astype(np.float32) / np.float32(255)
    alpha = pixels[..., 1]
    if alpha.min() == 255:
        return grey
    seen = grey[(alpha > 0) & (alpha >= alpha.max() / 2)]
    paper = np.float32(0 if seen.size and seen.min() > 0.5 else 1)
    opacity = alpha.astype(np.float32) / np.float32(255)
    return paper + (grey - paper) * opacity
