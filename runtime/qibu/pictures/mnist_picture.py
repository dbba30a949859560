"""From a picture file or a drawn array to a digit as MNIST has them."""

import os

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..core.arrays import Array, Float32Array, Int64Array
from ..core.errors import InputError
from .picture_file import decode_grey, naming, read_grey
from .scaling import area_weights

SIDE = 28
_INK_SIDE = 20  # the longer side of the ink's box; so measured in all of MNIST's pictures
_CENTRE = 14.0  # row and column of the centre of mass, counted from 0; measured too
_WORKING_SIDE = 1024  # larger pictures are averaged down: a phone's noise goes with it
_COARSE_SIDE = 128  # where blots are told from strokes
_THIN, _PEN = 0.7, 1.8  # stroke widths in MNIST's pixels: its thinnest digit's, its median's

BoolArray = NDArray[np.bool_]


def read_picture(path: str | os.PathLike[str]) -> Float32Array:
    """Read a PNG or JPEG of any size as the digit that MNIST would have made of it.

    The ink may be dark on light or light on dark. A transparent picture is laid on white, or on
    black if all that can be seen of it is light. EXIF's orientation is followed. Without Pillow
    PNG alone is read.

    Returns:
        (28, 28) float32, ink 0..1; see `to_mnist`.

    Raises:
        InputError: the file is missing, no PNG or JPEG, damaged, over 64 megapixels, or blank.
        MissingExtraError: the file needs Pillow, which isn't installed.
    """
    grey = read_grey(path)
    with naming(path):
        return to_mnist(grey)


def decode_picture(data: bytes) -> Float32Array:
    """Read the bytes of a PNG or JPEG as the digit that MNIST would have made of it.

    Returns:
        (28, 28) float32, ink 0..1; see `to_mnist`.

    Raises:
        InputError: the bytes are no PNG or JPEG, damaged, over 64 megapixels, or blank.
        MissingExtraError: they need Pillow, which isn't installed.
    """
    return to_mnist(decode_grey(data))


def to_mnist(grey: Float32Array) -> Float32Array:
    """Bring drawn or photographed ink to MNIST's size, place and contrast.

    The background is read off the border, as a surface, so that unevenly lit paper doesn't count;
    what is fainter than a seventh of the ink, or than four times the paper's noise, becomes 0, and
    so do specks. The box of the ink is scaled to 20 pixels on its longer side (shrunk by area,
    enlarged linearly) and its centre of mass put on row and column 14, or as near as its box may
    go without being cut. Strokes thinner than any of MNIST's are widened to its usual width.
    A 28x28 picture that has all this already, on pure black or white, keeps its values.

    Args:
        grey: (height, width) floats 0..1, higher is lighter, any size; not modified.

    Returns:
        (28, 28) float32, ink 0..1.

    Raises:
        InputError: grey has another shape, type or range, or shows no ink.
    """
    contrast, noise = _contrast(_shrunk(_checked(grey)))
    if _is_mnist(contrast):
        return contrast
    ink = _cropped(_widened(_cropped(_without_specks(contrast, noise))))
    scale = _INK_SIDE / max(ink.shape)
    height, width = (max(1, round(scale * side)) for side in ink.shape)
    scaled = area_weights(ink.shape[0], height) @ ink @ area_weights(ink.shape[1], width).T
    scaled = (scaled / scaled.max()).astype(np.float32)
    digit = np.zeros((SIDE, SIDE), np.float32)
    top, left = (
        min(max(round(_CENTRE - centre), 0), SIDE - side)
        for centre, side in zip(_centre_of_mass(scaled), scaled.shape, strict=True)
    )
    digit[top : top + height, left : left + width] = scaled
    return digit


def _checked(grey: Array) -> Float32Array:
    if grey.ndim != 2 or grey.size == 0 or grey.dtype.kind != "f":
        raise InputError(f"grey must be (height, width) floats, got {grey.dtype} {grey.shape}")
    if not (grey.min() >= 0 and grey.max() <= 1):  # False for nan too
        raise InputError(f"grey must be 0..1, got {grey.min()}..{grey.max()}")
    return grey.astype(np.float32)


def _shrunk(grey: Float32Array) -> Float32Array:
    factor = -(-max(grey.shape) // _WORKING_SIDE)
    if factor == 1:
        return grey
    for axis, size in enumerate(grey.shape):
        starts = np.arange(0, size, factor)
        counts = np.diff(starts, append=size).astype(np.float32)
        grey = np.add.reduceat(grey, starts, axis=axis)
        grey /= counts[:, None] if axis == 0 else counts
    return grey


def _contrast(grey: Float32Array) -> tuple[Float32Array, float]:
    """Give how far each pixel is from the paper towards the ink, and the paper's noise."""
    edge = np.ones(grey.shape, np.bool_)
    edge[1:-1, 1:-1] = False
    lighter = grey - _paper(grey, edge)
    noise = 1.4826 * float(np.median(np.abs(lighter[edge])))  # a normal distribution's sigma
    distance = np.abs(lighter)
    ink_is_light = lighter[distance > distance.max() / 2].sum() > 0
    return np.clip(lighter if ink_is_light else -lighter, 0, 1), noise


def _paper(grey: Float32Array, edge: BoolArray) -> Float32Array:
    """Fit a quadratic surface to the border; one colour stays exactly that."""
    border = grey[edge]
    surface = np.median(border)
    if np.ptp(border) == 0:
        return np.full_like(grey, surface)
    H, W = grey.shape  # rows, columns
    y, x = np.linspace(-1, 1, H)[:, None], np.linspace(-1, 1, W)
    terms = [np.broadcast_to(term, (H, W)) for term in (y**0, y, x, y * y, x * y, x * x)]
    design = np.stack([term[edge] for term in terms], axis=1)  # (border pixels, 6)
    fitted = np.full_like(border, surface, np.float64)
    for _ in range(10):
        # ink that runs over the border is far from the paper and so weighs little
        weight = 1 / (1 + ((border - fitted) / 0.1) ** 2)
        factors = np.linalg.lstsq(design * weight[:, None], border * weight, rcond=None)[0]
        fitted = design @ factors
    paper = np.zeros_like(grey)
    for factor, term in zip(factors, terms, strict=True):
        paper += factor * term
    return paper


def _is_mnist(contrast: Float32Array) -> bool:
    if contrast.shape != (SIDE, SIDE) or contrast.max() < 0.99:
        return False
    if contrast[[0, -1]].any() or contrast[:, [0, -1]].any():
        return False
    away = max(abs(centre - _CENTRE) for centre in _centre_of_mass(contrast))
    return max(_cropped(contrast).shape) == _INK_SIDE and away <= 0.5


def _without_specks(contrast: Float32Array, noise: float) -> Float32Array:
    """Scale the ink to 1 and keep the blots that are dark enough and not tiny."""
    peak = float(contrast.max())
    if peak < max(0.08, 6 * noise):
        raise InputError(
            f"there is no ink: the contrast is {peak:.2f}, wanted over {max(0.08, 6 * noise):.2f}"
        )
    level = float(np.percentile(contrast[contrast > peak / 2], 90))
    ink = np.clip(contrast / np.float32(level), 0, 1)
    ink[contrast < max(0.15 * level, 4 * noise)] = 0
    cell = -(-max(ink.shape) // _COARSE_SIDE)
    rows, columns = (np.arange(side) // cell for side in ink.shape)
    starts = [np.arange(0, side, cell) for side in ink.shape]
    mass = np.add.reduceat(np.add.reduceat(ink, starts[0], axis=0), starts[1], axis=1)
    dark = np.maximum.reduceat(np.maximum.reduceat(ink, starts[0], axis=0), starts[1], axis=1)
    blots = _blots(mass > 0)
    masses = np.bincount(blots.ravel(), mass.ravel())
    darkest = np.zeros_like(masses)
    np.maximum.at(darkest, blots, dark)
    kept = (masses >= 0.05 * masses.max()) & (darkest > 0.5)
    kept_pixels: BoolArray = kept[blots][rows][:, columns]
    kept_ink: Float32Array = ink * kept_pixels
    return kept_ink


def _blots(lit: BoolArray) -> Int64Array:
    """Number each group of touching cells by its highest index plus 1; 0 where nothing is lit."""
    numbers = np.where(lit, np.arange(1, lit.size + 1).reshape(lit.shape), 0)
    while True:
        spread = _highest_around(numbers, 1) * lit
        if (spread == numbers).all():
            return numbers
        numbers = spread


def _widened(ink: Float32Array) -> Float32Array:
    """Widen strokes that would fade when shrunk; ink is cropped to its box."""
    pixel = max(ink.shape) / _INK_SIDE  # one of MNIST's pixels
    mask = np.pad(ink > 0.5, 1)
    edges = np.count_nonzero(np.diff(mask, axis=0)) + np.count_nonzero(np.diff(mask, axis=1))
    width = 2 * np.count_nonzero(mask) / edges
    if width >= _THIN * pixel:
        return ink
    radius = round((_PEN * pixel - width) / 2)
    return _highest_around(np.pad(ink, radius), radius)


def _highest_around(values: Array, radius: int) -> Array:
    for axis in (0, 1):
        width = [(radius, radius) if axis == i else (0, 0) for i in (0, 1)]
        windows = sliding_window_view(np.pad(values, width), 2 * radius + 1, axis)
        values = windows.max(axis=-1)
    return values


def _cropped(ink: Float32Array) -> Float32Array:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _centre_of_mass(ink: Float32Array) -> tuple[float, float]:
    total = ink.sum()
    row, column = (
        float(ink.sum(axis=1 - axis) @ np.arange(ink.shape[axis]) / total) for axis in (0, 1)
    )
    return row, column
