"""The digit network: steps, and a head that hears every direction."""

import pytest
import torch
from torch import Tensor

from qibu_train.core.recurrent import CELLS, State
from qibu_train.pictures.network import PictureNetwork

TOLERANCE = 1e-6  # absolute; a step rounds in float32 in another order than a whole sequence
HIDDEN_SIZE, NUM_LAYERS, BATCH = 6, 2, 3

ONE_WAY = [cell for cell, kind in CELLS.items() if not kind.bidirectional]
BOTH_WAYS = [cell for cell, kind in CELLS.items() if kind.bidirectional]


def make_digit_network(cell: str) -> PictureNetwork:
    torch.manual_seed(0)
    return PictureNetwork(cell, HIDDEN_SIZE, NUM_LAYERS, dropout=0.5).eval()


def assert_close(found: tuple[Tensor, ...], wanted: tuple[Tensor, ...]) -> None:
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, atol=TOLERANCE, rtol=0)


@torch.no_grad()
def step_through(network: PictureNetwork, inputs: Tensor) -> tuple[Tensor, State]:
    state = network.initial_state(len(inputs))
    for t in range(inputs.shape[1]):
        logits, state = network(inputs[:, t : t + 1], state)
    return logits, state


@torch.no_grad()
@pytest.mark.parametrize("cell", ONE_WAY)
def test_a_digit_network_gives_the_same_by_steps_and_as_a_whole(cell: str) -> None:
    network = make_digit_network(cell)
    rows = torch.rand(BATCH, 28, 28)
    logits, state = network(rows)
    stepped_logits, stepped_state = step_through(network, rows)
    assert_close((stepped_logits, *stepped_state), (logits, *state))


@torch.no_grad()
@pytest.mark.parametrize("cell", CELLS)
def test_the_digit_head_reads_the_last_output_of_each_reader(cell: str) -> None:
    network = make_digit_network(cell)
    rows = torch.rand(BATCH, 28, 28)
    outputs, _ = network.recur(rows, None)
    forwards, backwards = outputs[:, -1, :HIDDEN_SIZE], outputs[:, 0, HIDDEN_SIZE:]
    read = torch.cat((forwards, backwards), 1)  # backwards is empty where there is one reader
    assert_close((network(rows)[0],), (network.head(read),))


@torch.no_grad()
@pytest.mark.parametrize("cell", BOTH_WAYS)
def test_the_backward_half_of_the_head_hears_the_first_row(cell: str) -> None:
    # at the last time step the backward reader of a single layer has seen the last row alone,
    # so a head on outputs[:, -1] would not notice
    network = PictureNetwork(cell, HIDDEN_SIZE, num_layers=1).eval()
    network.head.weight[:, :HIDDEN_SIZE] = 0.0  # deaf to the forward reader
    rows = torch.rand(BATCH, 28, 28)
    others = rows.clone()
    others[:, 0] = 1 - rows[:, 0]
    assert not torch.allclose(network(rows)[0], network(others)[0], rtol=0, atol=1e-4)
