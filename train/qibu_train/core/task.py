"""What the training loop asks of a task: its data as batches, its loss, its validation."""

from typing import Any, Protocol

import torch
from torch import Tensor, nn


class Task(Protocol):
    """The data and the loss of one run."""

    @property
    def extra(self) -> Any:
        """What the network is built from and the checkpoint holds beside the config, or None."""

    def prepare(self, network: nn.Module) -> None:
        """Put into fresh weights what the data tells before any step."""

    def epoch_units(self, epoch: int) -> int:
        """Size of an epoch, by which the learning rate advances."""

    def plan(self, epoch: int, world_size: int) -> list[Any]:
        """Batches of an epoch, each a list that processes share; the same for the same epoch."""

    def count(self, examples: Any) -> int:
        """How many predictions a batch is the mean over."""

    def collate(self, examples: Any) -> tuple[Tensor, ...]:
        """Tensors of a batch."""

    def loss(self, network: nn.Module, *tensors: Any, **named: Any) -> Tensor:
        """Summed loss of a batch, which may be empty: `zero_loss` then."""

    def validate(self, network: nn.Module) -> dict[str, Any]:
        """Figures on the validation split, the application's `measure` among them."""


Carried = tuple[Tensor, ...]  # what a batch leaves to the next one of its epoch


class CarryingTask(Task, Protocol):
    """A task whose batches go on where those before them ended, as its application says."""

    def carried_loss(
        self, network: nn.Module, carried: Carried, *tensors: Any
    ) -> tuple[Tensor, Carried]:
        """Summed loss of a batch, and what it leaves, detached; () is carried into the first."""


def zero_loss(network: nn.Module) -> Tensor:
    """Give the loss of an empty batch: 0, with a gradient of 0 for every parameter."""
    return torch.stack([parameter.sum() * 0 for parameter in network.parameters()]).sum()
