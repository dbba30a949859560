"""Digits as other hands would have written them: moved, bent, with another pen."""

import math
from functools import cache

import torch
from torch import Tensor, nn

SIDE = 28
PIXEL = 2 / SIDE  # in grid_sample's -1..1
KNOTS = 6  # along a side of the elastic sheet


def augment(pictures: Tensor, strength: float) -> Tensor:
    """Change each picture by its own random amount.

    Args:
        pictures: (batch, 28, 28) float32, ink 0..1; not modified.
        strength: 1 means up to 2 pixels of shift, 12 degrees, 12 % in width and height, 0.2 of
            shear, all uniformly; a sheet pulled by 0.8 pixels (standard deviation) everywhere;
            and for every other picture up to half the way to a pen 2 pixels wider or narrower.

    Returns:
        The same shape and range.
    """
    count = len(pictures)
    looks = affine_looks(count, strength) + elastic_looks(count, strength)
    grid = looks.permute(0, 2, 3, 1)
    redrawn = redraw(pictures, strength)
    return nn.functional.grid_sample(redrawn[:, None], grid, align_corners=False)[:, 0]


def affine_looks(count: int, strength: float) -> Tensor:
    """Give where each pixel of shifted, turned, scaled and sheared pictures looks.

    Returns:
        (count, 2, 28, 28), x and y in -1..1.
    """

    def uniform(limit: float) -> Tensor:
        return (torch.rand(count, 1, 1) * 2 - 1) * (limit * strength)

    angle = uniform(math.radians(12))
    stretch_x, stretch_y = 1 + uniform(0.12), 1 + uniform(0.12)
    shear = uniform(0.2)
    along = (torch.arange(SIDE) + 0.5) * PIXEL - 1  # pixel centres
    x, y = along, along[:, None]
    look_x = angle.cos() * stretch_x * x + ((shear - angle.sin()) * y + uniform(2 * PIXEL))
    look_y = angle.sin() * x + (angle.cos() * stretch_y * y + uniform(2 * PIXEL))
    return torch.stack((look_x, look_y), 1)


def elastic_looks(count: int, strength: float) -> Tensor:
    """Give how far each pixel's look is pulled aside by a smooth random sheet.

    Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks applied to
    visual document analysis", with a few knots for a blurred field: two small products.

    Returns:
        (count, 2, 28, 28), to be added.
    """
    pulls = torch.randn(count, 2, KNOTS, KNOTS) * (0.8 * strength * PIXEL)
    spread = _spread()
    return spread @ pulls @ spread.T


@cache
def _spread() -> Tensor:
    """Weigh the knots for each pixel along a side: (28, KNOTS), so that all move alike."""
    apart = (SIDE - 1) / (KNOTS - 1)
    distance = torch.arange(SIDE)[:, None] - apart * torch.arange(KNOTS)
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
