"""The moving average of the weights."""

import pytest
import torch
from torch import nn

from qibu_train.core.averaging import AveragedWeights


def network_at(value: float) -> nn.Linear:
    network = nn.Linear(1, 1)
    move(network, value)
    return network


def move(network: nn.Linear, value: float) -> None:
    with torch.no_grad():
        network.weight.fill_(value)


def average_of(average: AveragedWeights, network: nn.Linear) -> float:
    with average.used_by(network):
        return network.weight.item()


def test_the_first_step_replaces_the_fresh_weights_almost_whole() -> None:
    network = network_at(0.0)
    average = AveragedWeights(network, 0.99)
    move(network, 1.0)
    average.update(network)
    assert average_of(average, network) == pytest.approx(0.9)


def test_later_a_step_counts_as_the_decay_says() -> None:
    network = network_at(0.0)
    average = AveragedWeights(network, 0.75)
    for _ in range(40):
        average.update(network)
    move(network, 1.0)
    average.update(network)
    assert average_of(average, network) == pytest.approx(0.25)


def test_a_network_gets_its_own_weights_back() -> None:
    network = network_at(0.0)
    average = AveragedWeights(network, 0.5)
    move(network, 3.0)
    with average.used_by(network):
        assert network.weight.item() == 0
    assert network.weight.item() == 3
