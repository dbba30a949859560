"""Several processes that train one network, as `torchrun` starts them."""

import os
from typing import cast

import torch.distributed as dist
from torch import Tensor, nn

from .task import Carried, CarryingTask, Task


class Objective(nn.Module):
    """A network with its loss as one module, as DistributedDataParallel wants it."""

    def __init__(self, network: nn.Module, task: Task, carries: bool) -> None:
        super().__init__()
        self.network = network
        self._task, self._carries = task, carries

    def forward(self, carried: Carried, *tensors: Tensor) -> tuple[Tensor, Carried]:
        """Give the summed loss of a batch, and what it leaves to the next one."""
        if self._carries:
            return cast(CarryingTask, self._task).carried_loss(self.network, carried, *tensors)
        return self._task.loss(self.network, *tensors), ()


def start_processes(device: str) -> str:
    """Join the other processes when `torchrun` started this one, and give its own device."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return device
    if not device.startswith("cuda"):
        dist.init_process_group("gloo")
        return device
    dist.init_process_group("nccl")
    return f"cuda:{os.environ.get('LOCAL_RANK', 0)}"
