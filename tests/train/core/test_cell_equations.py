"""The cells from their equations against torch.nn."""

import pytest
import torch
from torch import Tensor, nn

from qibu_train.core.cell_equations import (
    STEPS,
    CellParameters,
    gru_step,
    read_both_ways,
    read_layers,
    read_sequence,
    rnn_step,
    rnn_step_joined,
)
from qibu_train.core.recurrent import CELLS, RecurrentNetwork, State

TOLERANCE = 1e-6  # absolute, on values within -1..1: some eight units in float32's last place
INPUT_SIZE, HIDDEN_SIZE, TIME = 5, 7, 9

ONE_WAY = [cell for cell, kind in CELLS.items() if not kind.bidirectional]
BOTH_WAYS = [cell for cell, kind in CELLS.items() if kind.bidirectional]


def make_rnn(cell: str, num_layers: int = 1, dtype: torch.dtype = torch.float32) -> nn.RNNBase:
    torch.manual_seed(0)
    network = RecurrentNetwork(cell, INPUT_SIZE, HIDDEN_SIZE, num_layers, dropout=0.0)
    return network.to(dtype).rnn


def make_inputs(batch: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(batch, TIME, INPUT_SIZE, dtype=dtype)


def make_state(cell: str, rnn: nn.RNNBase, batch: int) -> State:
    kind = CELLS[cell]
    size = (rnn.num_layers * kind.directions, batch, HIDDEN_SIZE)
    weight = next(rnn.parameters())
    return tuple(torch.randn(size, dtype=weight.dtype).tanh() for _ in kind.states)


def run_torch(rnn: nn.RNNBase, inputs: Tensor, state: State) -> tuple[Tensor, State]:
    outputs, last = rnn(inputs, state if len(state) > 1 else state[0])
    return outputs, last if isinstance(last, tuple) else (last,)


def assert_close(found: State, wanted: State) -> None:
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("batch", [1, 3])
def test_the_sum_form_is_the_joined_form(batch: int) -> None:
    rnn = make_rnn("rnn")
    p = CellParameters.of_layer(rnn)
    x = torch.randn(batch, INPUT_SIZE)
    state = (torch.randn(batch, HIDDEN_SIZE).tanh(),)
    assert_close(rnn_step(x, state, p), rnn_step_joined(x, state, p))


def test_the_joined_form_equals_torch_as_a_whole_sequence() -> None:
    rnn = make_rnn("rnn")
    inputs, state = make_inputs(3), make_state("rnn", rnn, 3)
    p = CellParameters.of_layer(rnn)
    outputs, last = read_sequence(rnn_step_joined, inputs, (state[0][0],), p)
    torch_outputs, torch_last = run_torch(rnn, inputs, state)
    assert_close((outputs, last[0][None]), (torch_outputs, *torch_last))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("cell", ONE_WAY)
def test_a_cell_equals_torch_after_every_step(cell: str, batch: int) -> None:
    rnn = make_rnn(cell)
    inputs, torch_state = make_inputs(batch), make_state(cell, rnn, batch)
    p = CellParameters.of_layer(rnn)
    state = tuple(part[0] for part in torch_state)
    for t in range(TIME):
        state = STEPS[type(rnn)](inputs[:, t], state, p)
        _, torch_state = run_torch(rnn, inputs[:, t : t + 1], torch_state)
        assert_close(state, tuple(part[0] for part in torch_state))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_a_whole_sequence_equals_torch(
    cell: str, num_layers: int, batch: int, dtype: torch.dtype
) -> None:
    rnn = make_rnn(cell, num_layers, dtype)
    inputs, state = make_inputs(batch, dtype), make_state(cell, rnn, batch)
    outputs, last = read_layers(rnn, inputs, state)
    torch_outputs, torch_last = run_torch(rnn, inputs, state)
    assert_close((outputs, *last), (torch_outputs, *torch_last))


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_equal_those_of_torch(cell: str) -> None:
    # float64, since a gradient is a sum over time and its size isn't bounded by 1
    rnn = make_rnn(cell, 2, torch.float64)
    inputs, state = make_inputs(3, torch.float64), make_state(cell, rnn, 3)
    parameters = list(rnn.parameters())
    mine = torch.autograd.grad(read_layers(rnn, inputs, state)[0].square().sum(), parameters)
    theirs = torch.autograd.grad(run_torch(rnn, inputs, state)[0].square().sum(), parameters)
    assert_close(mine, theirs)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("cell", BOTH_WAYS)
def test_reading_both_ways_equals_torch_in_outputs_and_both_last_states(
    cell: str, batch: int
) -> None:
    rnn = make_rnn(cell)
    inputs, state = make_inputs(batch), make_state(cell, rnn, batch)
    outputs, (forwards, backwards) = read_both_ways(
        STEPS[type(rnn)],
        inputs,
        (tuple(part[0] for part in state), tuple(part[1] for part in state)),
        (CellParameters.of_layer(rnn), CellParameters.of_layer(rnn, backwards=True)),
    )
    torch_outputs, torch_last = run_torch(rnn, inputs, state)
    assert_close((outputs,), (torch_outputs,))
    assert_close(forwards, tuple(part[0] for part in torch_last))
    assert_close(backwards, tuple(part[1] for part in torch_last))


@pytest.mark.parametrize("cell", BOTH_WAYS)
def test_the_backward_reader_ends_at_the_first_input(cell: str) -> None:
    rnn = make_rnn(cell)
    outputs, last = read_layers(rnn, make_inputs(3), make_state(cell, rnn, 3))
    assert_close((last[0][1],), (outputs[:, 0, HIDDEN_SIZE:],))


def test_an_update_gate_of_one_keeps_the_state_of_a_gru() -> None:
    rnn = make_rnn("gru")
    p = CellParameters.of_layer(rnn)
    with torch.no_grad():
        p.b_u[HIDDEN_SIZE : 2 * HIDDEN_SIZE] = 100.0  # z, the second of r z h̃
    h = torch.randn(3, HIDDEN_SIZE)
    assert_close(gru_step(torch.randn(3, INPUT_SIZE), (h,), p), (h,))
