"""Pictures brought to another size."""

import numpy as np

from ..core.arrays import Float32Array


def scaled(picture: Float32Array, height: int, width: int) -> Float32Array:
    """Bring a picture to a size, shrunk by area and enlarged linearly; its own size stays as it is.

    Args:
        picture: (rows, columns) float32, 0..1; not modified.
        height: in pixels.
        width: in pixels.

    Returns:
        (height, width) float32, 0..1.
    """
    rows, columns = picture.shape
    if rows != height:
        picture = area_weights(rows, height) @ picture
    if columns != width:
        picture = picture @ area_weights(columns, width).T
    return np.clip(picture, 0, 1)  # sums of weights may round to a little over 1


def area_weights(size: int, wanted: int) -> Float32Array:
    """Weigh `size` old pixels for `wanted` new ones: by area, or linearly when enlarging."""
    scale = size / wanted
    centres = (np.arange(wanted)[:, None] + 0.5) * scale
    half = max(scale, 1) / 2
    old = np.arange(size)
    covered = np.minimum(centres + half, old + 1) - np.maximum(centres - half, old)
    weights = np.clip(covered, 0, None)  # (wanted, size)
    shares: Float32Array = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares
