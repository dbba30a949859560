"""The digit task: pictures, augmentation, loss and validation."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from qibu.corpus import read_digits
from qibu.vocabulary import Vocabulary

from .loss import zero_loss
from .presets import TrainConfig

VALIDATION_PICTURES = 5_000  # the last of the training set, kept out of the training


class DigitTask:
    """MNIST pictures read row by row, the label told after the last row."""

    measure = "accuracy"
    vocabulary: Vocabulary | None = None

    def __init__(self, config: TrainConfig, folder: Path) -> None:
        self.config = config
        pictures, labels = read_digits(folder, "train")
        self._pictures = torch.from_numpy(pictures)
        self._labels = torch.from_numpy(labels.astype(np.int64))
        self._training = max(1, len(labels) - VALIDATION_PICTURES)

    def prepare(self, network: nn.Module) -> None:
        """Leave fresh weights as they are: the digits are about equally common."""

    def epoch_units(self, epoch: int) -> int:
        """Count the pictures of an epoch."""
        return self._training

    def plan(self, epoch: int, world_size: int = 1) -> list[Tensor]:
        """Shuffle the training pictures into batches of `batch_units` a process."""
        generator = torch.Generator().manual_seed(self.config.seed * 10_000 + epoch)
        order = torch.randperm(self._training, generator=generator)
        return list(torch.split(order, self.config.batch_units * world_size))

    def count(self, examples: Sequence[int]) -> int:
        """Count the pictures of a batch."""
        return len(examples)

    def collate(self, examples: Tensor) -> tuple[Tensor, Tensor]:
        """Give rows (batch, 28, 28) float32, augmented, and labels (batch,) int64."""
        pictures = self._pictures[examples]
        if self.config.augment and len(examples):
            pictures = augment(pictures, self.config.augment)
        return pictures, self._labels[examples]

    def loss(self, network: nn.Module, rows: Tensor, labels: Tensor) -> Tensor:
        """Sum the cross-entropy, in nats, over the batch."""
        if not len(rows):  # fewer pictures in the batch than processes
            return zero_loss(network)
        logits, _ = network(rows)
        return nn.functional.cross_entropy(logits, labels, reduction="sum")

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Give the accuracy 0..1 on the pictures kept out of the training."""
        device = next(network.parameters()).device
        right = 0
        for start in range(self._training, len(self._labels), 500):
            logits, _ = network(self._pictures[start : start + 500].to(device))
            labels = self._labels[start : start + 500]
            right += int((logits.argmax(1).cpu() == labels).sum())
        return {"accuracy": right / (len(self._labels) - self._training)}


def augment(pictures: Tensor, strength: float) -> Tensor:
    """Shift, turn, scale and shear each picture by its own random amount.

    Args:
        pictures: (batch, 28, 28) float32, ink 0..1.
        strength: 1 means up to 2 pixels, 12 degrees, 12 % and 0.2 of shear, uniformly.
    """

    def uniform(limit: float) -> Tensor:
        return (torch.rand(len(pictures)) * 2 - 1) * limit * strength

    angle = uniform(math.radians(12))
    stretch_x, stretch_y = 1 + uniform(0.12), 1 + uniform(0.12)
    shear = uniform(0.2)
    shift = 2 / 14  # two of 28 pixels in grid_sample's -1..1
    # rows of the inverse map: where each output pixel looks in the input
    top = torch.stack((angle.cos() * stretch_x, shear - angle.sin(), uniform(shift)), 1)
    bottom = torch.stack((angle.sin(), angle.cos() * stretch_y, uniform(shift)), 1)
    grid = nn.functional.affine_grid(
        torch.stack((top, bottom), 1), [len(pictures), 1, 28, 28], align_corners=False
    )
    return nn.functional.grid_sample(pictures[:, None], grid, align_corners=False)[:, 0]
