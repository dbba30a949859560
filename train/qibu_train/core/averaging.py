"""An average of the weights over the last steps, which often does better than the last weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]


def copy_weights(network: nn.Module) -> Weights:
    """Copy a network's weights as they are now."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


class AveragedWeights:
    """The exponential moving average of a network's weights: Polyak's, with a fading memory."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self._steps = 0
        self._weights = copy_weights(network)

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the weights after a step; early steps fade sooner, as they are far from good."""
        self._steps += 1
        decay = min(self._decay, self._steps / (self._steps + 9))
        for name, value in network.state_dict().items():
            self._weights[name].lerp_(value, 1 - decay)

    @contextmanager
    def used_by(self, network: nn.Module) -> Iterator[None]:
        """Let a network have the average as its weights for a while."""
        own = copy_weights(network)
        network.load_state_dict(self._weights)
        try:
            yield
        finally:
            network.load_state_dict(own)

    def state_dict(self) -> dict[str, Any]:
        """Give what `load_state_dict` needs to go on."""
        return {"steps": self._steps, "weights": self._weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where another average stood."""
        self._steps = state["steps"]
        for name, value in state["weights"].items():
            self._weights[name].copy_(value)
