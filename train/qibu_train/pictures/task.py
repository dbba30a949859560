"""The task of reading pictures: batches, loss and validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from qibu.core.arrays import Int64Array, UInt8Array
from qibu.pictures.picture_format import PictureFormat

from ..core.task import zero_loss
from .config import RowConfig
from .network import PictureNetwork

# the same float32 as a division, and bytes take a quarter of the memory
LEVELS = torch.from_numpy(np.arange(256, dtype=np.float32) / np.float32(255))


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures with their classes, and which of them are trained on."""

    pictures: UInt8Array  # (n, height, width)
    labels: Int64Array  # (n,)
    training: Int64Array  # places
    validation: Int64Array
    format: PictureFormat
    data: Mapping[str, Any] = field(default_factory=dict)  # what a run's record says of them


class PictureTask:
    """Pictures read row by row, the label told after the last row."""

    def __init__(self, config: RowConfig, examples: Examples) -> None:
        self.config = config
        self.extra, self.data = examples.format, examples.data
        self._pictures = torch.from_numpy(np.require(examples.pictures, requirements=("C", "W")))
        self._labels = torch.from_numpy(examples.labels)
        self._training = torch.from_numpy(examples.training)
        self._validation = torch.from_numpy(examples.validation)

    def prepare(self, network: nn.Module) -> None:
        """Leave fresh weights as they are: classes are about equally common."""

    def epoch_units(self, epoch: int) -> int:
        """Count the pictures of an epoch."""
        return len(self._training)

    def plan(self, epoch: int, world_size: int = 1) -> list[Tensor]:
        """Shuffle the training pictures into batches of `batch_units` a process."""
        generator = torch.Generator().manual_seed(self.config.seed * 10_000 + epoch)
        order = torch.randperm(len(self._training), generator=generator)
        return list(torch.split(self._training[order], self.config.batch_units * world_size))

    def count(self, examples: Sequence[int]) -> int:
        """Count the pictures of a batch."""
        return len(examples)

    def collate(self, examples: Tensor) -> tuple[Tensor, Tensor]:
        """Give rows (batch, height, width) float32, augmented, and labels (batch,) int64."""
        pictures = self._rows(examples)
        if len(examples):
            pictures = self.config.changed(pictures)
        return pictures, self._labels[examples]

    def _rows(self, examples: Tensor) -> Tensor:
        return LEVELS[self._pictures[examples].int()]

    def loss(self, network: nn.Module, rows: Tensor, labels: Tensor) -> Tensor:
        """Sum the cross-entropy, in nats, over the batch.

        With `row_loss` the answers after every row count as well, a later one for more.
        """
        if not len(rows):  # fewer pictures in the batch than processes
            return zero_loss(network)
        reader, share = cast(PictureNetwork, network), self.config.row_loss
        if not share:
            logits, _ = reader(rows)
            return self._cross_entropy(logits, labels).sum()
        logits = reader.by_row(rows)  # (batch, time, classes)
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

        Of a network that reads downwards only also `accuracy_by_row`, a value a row.
        """
        reader = cast(PictureNetwork, network)
        device = next(network.parameters()).device
        right, loss = torch.zeros(self._pictures.shape[1], dtype=torch.int64), 0.0
        for some in torch.split(self._validation, 500):
            rows = self._rows(some).to(device)
            both_ways = reader.kind.bidirectional
            logits = (reader(rows)[0][:, None] if both_ways else reader.by_row(rows)).cpu()
            labels = self._labels[some]
            right += (logits.argmax(2) == labels[:, None]).sum(0)
            loss += nn.functional.cross_entropy(logits[:, -1], labels, reduction="sum").item()
        count = len(self._validation)
        shares = (right.double() / count).tolist()
        by_row = {} if reader.kind.bidirectional else {"accuracy_by_row": shares}
        return {"accuracy": shares[-1], "loss": loss / count, **by_row}
