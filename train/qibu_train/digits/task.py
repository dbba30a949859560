"""The digit task: pictures, augmentation, loss and validation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from qibu.pictures.idx_files import read_digits

from ..core.task import zero_loss
from .augmentation import augment
from .config import DigitConfig
from .network import DigitNetwork

VALIDATION_PICTURES = 5_000  # the last of the training set, kept out of the training


class DigitTask:
    """MNIST pictures read row by row, the label told after the last row."""

    extra = None  # the network is built from the config alone

    def __init__(self, config: DigitConfig, folder: Path) -> None:
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
        """Sum the cross-entropy, in nats, over the batch.

        With `row_loss` the answers after every row count as well, a later one for more.
        """
        if not len(rows):  # fewer pictures in the batch than processes
            return zero_loss(network)
        reader, share = cast(DigitNetwork, network), self.config.row_loss
        if not share:
            logits, _ = reader(rows)
            return self._cross_entropy(logits, labels).sum()
        logits = reader.by_row(rows)  # (batch, time, 10)
        batch, time, _ = logits.shape
        every = self._cross_entropy(logits.flatten(0, 1), labels.repeat_interleave(time))
        weights = torch.arange(1, time + 1, device=rows.device) * (share * 2 / (time * (time + 1)))
        weights[-1] += 1 - share
        return (every.view(batch, time) @ weights).sum()

    def _cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        smoothing = self.config.label_smoothing
        return nn.functional.cross_entropy(
            logits.float(), labels, reduction="none", label_smoothing=smoothing
        )

    def validate(self, network: nn.Module) -> dict[str, Any]:
        """Give the accuracy 0..1 and the loss in nats on the pictures kept out of the training.

        Of a network that reads downwards only also `accuracy_by_row`, 28 values.
        """
        reader = cast(DigitNetwork, network)
        device = next(network.parameters()).device
        right, loss = torch.zeros(self._pictures.shape[1], dtype=torch.int64), 0.0
        for start in range(self._training, len(self._labels), 500):
            rows = self._pictures[start : start + 500].to(device)
            both_ways = reader.kind.bidirectional
            logits = (reader(rows)[0][:, None] if both_ways else reader.by_row(rows)).cpu()
            labels = self._labels[start : start + 500]
            right += (logits.argmax(2) == labels[:, None]).sum(0)
            loss += nn.functional.cross_entropy(logits[:, -1], labels, reduction="sum").item()
        count = len(self._labels) - self._training
        shares = (right.double() / count).tolist()
        by_row = {} if reader.kind.bidirectional else {"accuracy_by_row": shares}
        return {"accuracy": shares[-1], "loss": loss / count, **by_row}
