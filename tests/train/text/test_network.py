"""The poem network: steps, tied weights, what it can't be."""

import pytest
import torch
from torch import Tensor

from qibu_train.core.recurrent import CELLS, State
from qibu_train.text.network import SharedDropout, TextNetwork

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


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_layers_apart_are_the_layers_together(cell: str) -> None:
    torch.manual_seed(0)
    network = TextNetwork(cell, 12, 8, 2, dropout=0.0)
    tokens = torch.randint(0, 12, (3, 5))
    state = tuple(torch.randn_like(part) for part in network.initial_state(3))
    for begin in (None, state):
        # in training a mask stands between them
        (one, after), (other, also) = (
            network.train(training).features(tokens, begin) for training in (False, True)
        )
        torch.testing.assert_close(one, other)
        for part, same in zip(after, also, strict=True):
            torch.testing.assert_close(part, same)


def test_shared_dropout_drops_a_feature_at_every_step() -> None:
    torch.manual_seed(0)
    dropout = SharedDropout(0.5)
    values = dropout(torch.ones(4, 6, 50))
    assert set(values.unique().tolist()) == {0.0, 2.0}
    assert (values == values[:, :1]).all()
    assert not (values[0] == values[1]).all()
    assert dropout.eval()(values) is values
