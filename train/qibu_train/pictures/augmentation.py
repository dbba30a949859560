"""Pictures moved a little and looked at in a mirror: what changes nothing of what they show."""

import torch
from torch import Tensor


def shift(pictures: Tensor, pixels: int) -> Tensor:
    """Move each picture by its own random whole number of pixels each way, its edges repeated.

    Args:
        pictures: (batch, height, width); not modified.
        pixels: at most so many.

    Returns:
        The same shape and type.
    """
    count, height, width = pictures.shape
    down = torch.arange(height) + torch.randint(-pixels, pixels + 1, (count, 1))
    across = torch.arange(width) + torch.randint(-pixels, pixels + 1, (count, 1))
    rows, columns = down.clamp(0, height - 1), across.clamp(0, width - 1)
    each = torch.arange(count)[:, None, None]
    return pictures[each, rows[:, :, None], columns[:, None, :]]


def mirror(pictures: Tensor, share: float) -> Tensor:
    """Show a share of the pictures, by chance, with left and right exchanged; as `shift`."""
    turned = torch.rand(len(pictures), 1, 1) < share
    return torch.where(turned, pictures.flip(2), pictures)
