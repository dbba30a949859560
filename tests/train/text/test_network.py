"""The poem network: steps, tied weights, what it can't be."""

import pytest
import torch
from torch import Tensor

from qibu_train.core.recurrent import CELLS, State
from qibu_train.text.network import TextNetwork

TOLERANCE = 1e-6  # absolute; a step rounds in float32 in another order than a whole sequence
HIDDEN_SIZE, NUM_LAYERS, BATCH, TIME, VOCABULARY = 6, 2, 3, 8, 11

ONE_WAY = [cell for cell, kind in CELLS.items() if not kind.bidirectional]
BOTH_WAYS = [cell for cell, kind in CELLS.items() if kind.bidirectional]


def make_text_network(cell: str) -> TextNetwork:
    torch.manual_seed(0)
    return TextNetwork(cell, VOCABULARY, HIDDEN_SIZE, NUM_LAYERS, dropout=0.5).eval()


def assert_close(found: tuple[Tensor, ...], wanted: tuple[Tensor, ...]) -> None:
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, atol=TOLERANCE, rtol=0)


@torch.no_grad()
def step_through(network: TextNetwork, inputs: Tensor) -> tuple[Tensor, State]:
    state = network.initial_state(len(inputs))
    for t in range(inputs.shape[1]):
        logits, state = network(inputs[:, t : t + 1], state)
    return logits, state


@torch.no_grad()
@pytest.mark.parametrize("cell", ONE_WAY)
def test_a_poem_network_gives_the_same_by_steps_and_as_a_whole(cell: str) -> None:
    network = make_text_network(cell)
    tokens = torch.randint(VOCABULARY, (BATCH, TIME))
    logits, state = network(tokens)
    stepped_logits, stepped_state = step_through(network, tokens)
    assert_close((stepped_logits, *stepped_state), (logits, *state))


@torch.no_grad()
@pytest.mark.parametrize("cell", ONE_WAY)
def test_logits_of_a_poem_belong_to_the_last_token(cell: str) -> None:
    network = make_text_network(cell)
    tokens = torch.randint(VOCABULARY, (BATCH, TIME))
    features, _ = network.features(tokens)
    assert_close((network(tokens)[0],), (network.logits(features)[:, -1],))


@pytest.mark.parametrize("cell", BOTH_WAYS)
def test_a_poem_network_that_reads_both_ways_is_an_error(cell: str) -> None:
    with pytest.raises(ValueError, match=f"forwards.*{cell}"):
        make_text_network(cell)


@pytest.mark.parametrize("cell", ONE_WAY)
def test_the_output_layer_is_the_embedding(cell: str) -> None:
    network = make_text_network(cell)
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    assert shapes.count((VOCABULARY, HIDDEN_SIZE)) == 1
    features = torch.randn(BATCH, HIDDEN_SIZE)
    wanted = features @ network.embedding.weight.T + network.bias
    assert_close((network.logits(features),), (wanted,))
