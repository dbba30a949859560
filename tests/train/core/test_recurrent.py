"""The recurrent layers that every network shares, and the table of cells."""

import pytest
import torch
from torch import Tensor, nn

from qibu_train.core.recurrent import CELLS, RecurrentNetwork

TOLERANCE = 1e-6  # absolute; a step rounds in float32 in another order than a whole sequence
INPUT_SIZE, HIDDEN_SIZE, NUM_LAYERS, BATCH, TIME = 5, 6, 2, 3, 8


def make_network(cell: str) -> RecurrentNetwork:
    torch.manual_seed(0)
    return RecurrentNetwork(cell, INPUT_SIZE, HIDDEN_SIZE, NUM_LAYERS, dropout=0.5).eval()


def assert_close(found: tuple[Tensor, ...], wanted: tuple[Tensor, ...]) -> None:
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, atol=TOLERANCE, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("cell", CELLS)
def test_no_state_means_the_initial_state(cell: str) -> None:
    network = make_network(cell)
    inputs = torch.rand(BATCH, TIME, INPUT_SIZE)
    outputs, state = network.recur(inputs, None)
    given_outputs, given_state = network.recur(inputs, network.initial_state(BATCH))
    assert_close((given_outputs, *given_state), (outputs, *state))


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_has_one_tensor_a_name(cell: str) -> None:
    kind = CELLS[cell]
    _, state = make_network(cell).recur(torch.rand(BATCH, TIME, INPUT_SIZE), None)
    shape = (NUM_LAYERS * kind.directions, BATCH, HIDDEN_SIZE)
    assert [part.shape for part in state] == [shape] * len(kind.states)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if "lstm" in cell])
def test_forget_gates_start_open(cell: str) -> None:
    network = make_network(cell)
    biases = [value for name, value in network.rnn.named_parameters() if "bias_ih" in name]
    assert len(biases) == NUM_LAYERS * CELLS[cell].directions
    for bias in biases:
        i, f, g, o = bias.chunk(4)
        assert f.eq(1).all()
        assert not torch.cat((i, g, o)).eq(1).any()


@pytest.mark.parametrize("cell", CELLS)
def test_the_table_tells_the_number_and_the_order_of_gates(cell: str) -> None:
    kind = CELLS[cell]
    assert make_network(cell).rnn.weight_hh_l0.shape == (kind.gates * HIDDEN_SIZE, HIDDEN_SIZE)
    assert sorted(kind.onnx_gates) == list(range(kind.gates))


@pytest.mark.parametrize("cell", CELLS)
def test_the_table_names_the_operator_as_torch_names_its_module(cell: str) -> None:
    module = CELLS[cell].module
    assert isinstance(module, type) and issubclass(module, nn.RNNBase)
    assert CELLS[cell].operator == module.__name__
