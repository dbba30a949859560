"""The networks of both tasks: state, heads, tied weights, first values."""

import pytest
import torch
from torch import Tensor

from qibu_train.core.recurrent import CELLS, DigitNetwork, PoemNetwork, State

TOLERANCE = 1e-6  # absolute; a step rounds in float32 in another order than a whole sequence
HIDDEN_SIZE, NUM_LAYERS, BATCH, TIME, VOCABULARY = 6, 2, 3, 8, 11

ONE_WAY = [cell for cell, kind in CELLS.items() if not kind.bidirectional]
BOTH_WAYS = [cell for cell, kind in CELLS.items() if kind.bidirectional]


def make_poem_network(cell: str) -> PoemNetwork:
    torch.manual_seed(0)
    return PoemNetwork(cell, VOCABULARY, HIDDEN_SIZE, NUM_LAYERS, dropout=0.5).eval()


def make_digit_network(cell: str) -> DigitNetwork:
    torch.manual_seed(0)
    return DigitNetwork(cell, HIDDEN_SIZE, NUM_LAYERS, dropout=0.5).eval()


def assert_close(found: tuple[Tensor, ...], wanted: tuple[Tensor, ...]) -> None:
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, atol=TOLERANCE, rtol=0)


@torch.no_grad()
def step_through(network: PoemNetwork | DigitNetwork, inputs: Tensor) -> tuple[Tensor, State]:
    state = network.initial_state(len(inputs))
    for t in range(inputs.shape[1]):
        logits, state = network(inputs[:, t : t + 1], state)
    return logits, state


@torch.no_grad()
@pytest.mark.parametrize("cell", ONE_WAY)
def test_a_poem_network_gives_the_same_by_steps_and_as_a_whole(cell: str) -> None:
    network = make_poem_network(cell)
    tokens = torch.randint(VOCABULARY, (BATCH, TIME))
    logits, state = network(tokens)
    stepped_logits, stepped_state = step_through(network, tokens)
    assert_close((stepped_logits, *stepped_state), (logits, *state))


@torch.no_grad()
@pytest.mark.parametrize("cell", ONE_WAY)
def test_a_digit_network_gives_the_same_by_steps_and_as_a_whole(cell: str) -> None:
    network = make_digit_network(cell)
    rows = torch.rand(BATCH, 28, 28)
    logits, state = network(rows)
    stepped_logits, stepped_state = step_through(network, rows)
    assert_close((stepped_logits, *stepped_state), (logits, *state))


@torch.no_grad()
@pytest.mark.parametrize("cell", ONE_WAY)
def test_logits_of_a_poem_belong_to_the_last_token(cell: str) -> None:
    network = make_poem_network(cell)
    tokens = torch.randint(VOCABULARY, (BATCH, TIME))
    features, _ = network.features(tokens)
    assert_close((network(tokens)[0],), (network.logits(features)[:, -1],))


@torch.no_grad()
@pytest.mark.parametrize("cell", CELLS)
def test_no_state_means_the_initial_state(cell: str) -> None:
    network = make_digit_network(cell)
    rows = torch.rand(BATCH, 28, 28)
    logits, state = network(rows)
    given_logits, given_state = network(rows, network.initial_state(BATCH))
    assert_close((given_logits, *given_state), (logits, *state))


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_has_one_tensor_a_name(cell: str) -> None:
    kind = CELLS[cell]
    _, state = make_digit_network(cell)(torch.rand(BATCH, 28, 28))
    shape = (NUM_LAYERS * kind.directions, BATCH, HIDDEN_SIZE)
    assert [part.shape for part in state] == [shape] * len(kind.states)


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
    network = DigitNetwork(cell, HIDDEN_SIZE, num_layers=1).eval()
    network.head.weight[:, :HIDDEN_SIZE] = 0.0  # deaf to the forward reader
    rows = torch.rand(BATCH, 28, 28)
    others = rows.clone()
    others[:, 0] = 1 - rows[:, 0]
    assert not torch.allclose(network(rows)[0], network(others)[0], rtol=0, atol=1e-4)


@pytest.mark.parametrize("cell", BOTH_WAYS)
def test_a_poem_network_that_reads_both_ways_is_an_error(cell: str) -> None:
    with pytest.raises(ValueError, match=f"forwards.*{cell}"):
        make_poem_network(cell)


@pytest.mark.parametrize("cell", ONE_WAY)
def test_the_output_layer_is_the_embedding(cell: str) -> None:
    network = make_poem_network(cell)
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    assert shapes.count((VOCABULARY, HIDDEN_SIZE)) == 1
    features = torch.randn(BATCH, HIDDEN_SIZE)
    wanted = features @ network.embedding.weight.T + network.bias
    assert_close((network.logits(features),), (wanted,))


@pytest.mark.parametrize("cell", [cell for cell in CELLS if "lstm" in cell])
def test_forget_gates_start_open(cell: str) -> None:
    network = make_digit_network(cell)
    biases = [value for name, value in network.rnn.named_parameters() if "bias_ih" in name]
    assert len(biases) == NUM_LAYERS * CELLS[cell].directions
    for bias in biases:
        i, f, g, o = bias.chunk(4)
        assert f.eq(1).all()
        assert not torch.cat((i, g, o)).eq(1).any()


@pytest.mark.parametrize("cell", CELLS)
def test_the_table_tells_the_number_of_gates(cell: str) -> None:
    assert make_digit_network(cell).rnn.weight_hh_l0.shape == (
        CELLS[cell].gates * HIDDEN_SIZE,
        HIDDEN_SIZE,
    )
