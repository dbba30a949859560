"""Handwriting as other hands would have written it: moved, bent, with another pen."""

import math
from functools import cache

import torch
from torch import Tensor, nn

KNOTS = 6  # along a side of the elastic sheet


def augment(pictures: Tensor, strength: float) -> Tensor:
    """Change each picture by its own random amount.

    Args:
        pictures: (batch, height, width) float32, ink 0..1; not modified.
        strength: 1 means up to 2 pixels of shift, 12 degrees, 12 % in width and height, 0.2 of
            shear, all uniformly; a sheet pulled by 0.8 pixels (standard deviation) everywhere;
            and for every other picture up to half the way to a pen 2 pixels wider or narrower.

    Returns:
        The same shape and range.
    """
    count, height, width = pictures.shape
    looks = affine_looks(count, strength, height, width)
    looks += elastic_looks(count, strength, height, width)
    grid = looks.permute(0, 2, 3, 1)
    redrawn = redraw(pictures, strength)
    return nn.functional.grid_sample(redrawn[:, None], grid, align_corners=False)[:, 0]


def affine_looks(count: int, strength: float, height: int, width: int) -> Tensor:
    """Give where each pixel of shifted, turned, scaled and sheared pictures looks.

    Returns:
        (count, 2, height, width), x and y in grid_sample's -1..1 of a picture's sides.
    """

    def uniform(limit: float) -> Tensor:
        return (torch.rand(count, 1, 1) * 2 - 1) * (limit * strength)

    angle = uniform(math.radians(12))
    stretch_x, stretch_y = 1 + uniform(0.12), 1 + uniform(0.12)
    shear = uniform(0.2)
    x, y = _along(width), _along(height)[:, None]
    tall = height / width  # what is -1..1 down is as many pixels as -tall..tall across
    look_x = angle.cos() * stretch_x * x + (
        (shear - angle.sin()) * (tall * y) + uniform(2 * 2 / width)
    )
    look_y = angle.sin() * (x / tall) + (angle.cos() * stretch_y * y + uniform(2 * 2 / height))
    return torch.stack((look_x, look_y), 1)


def _along(side: int) -> Tensor:
    """Give the pixels' centres along a side, -1..1."""
    return (torch.arange(side) + 0.5) * (2 / side) - 1


def elastic_looks(count: int, strength: float, height: int, width: int) -> Tensor:
    """Give how far each pixel's look is pulled aside by a smooth random sheet.

    Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks applied to
    visual document analysis", with a few knots for a blurred field: two small products.

    Returns:
        (count, 2, height, width), to be added.
    """
    pixels = [0.8 * strength * (2 / side) for side in (width, height)]
    pulls = torch.randn(count, 2, KNOTS, KNOTS) * torch.tensor(pixels).view(2, 1, 1)
    return _spread(height) @ pulls @ _spread(width).T


@cache
def _spread(side: int) -> Tensor:
    """Weigh the knots for each pixel along a side: (side, KNOTS), so that all move alike."""
    apart = max(side - 1, 1) / (KNOTS - 1)
    distance = torch.arange(side)[:, None] - apart * torch.arange(KNOTS)
    weights = torch.exp(-0.5 * (distance / (0.7 * apart)) ** 2)
    return weights / (weights**2).sum(1, keepdim=True).sqrt()


def redraw(pictures: Tensor, strength: float) -> Tensor:
    """Draw a quarter of the pictures with a wider pen and a quarter with a narrower one."""
    quarter = len(pictures) // 4
    wide, narrow, same = pictures.tensor_split((quarter, 2 * quarter))
    amount = torch.rand(2, quarter, 1, 1) * min(0.5 * strength, 1)
    wide = wide.lerp(_widen(wide), amount[0])
    narrow = narrow.lerp(1 - _widen(1 - narrow), amount[1])
    return torch.cat((wide, narrow, same))


def _widen(ink: Tensor) -> Tensor:
    return nn.functional.max_pool2d(ink[:, None], 3, stride=1, padding=1)[:, 0]
