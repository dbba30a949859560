"""The cells from their equations, to be read rather than to be fast.

Training uses `torch.nn`; the tests hold every function here equal to it. A row is an example, so
a weight stands on the right: `x_t U` is (batch, m) times (m, n), with m the size of an input and
n that of a state. The gates of a cell stand side by side in U and W, in PyTorch's order.

A step takes an input, the state before it and the parameters, and gives the state after it. The
first part of a state, `state[0]`, is also the cell's output.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .recurrent import State


@dataclass(frozen=True)
class CellParameters:
    """The weights of one layer in one direction; `gates` is 1 (RNN), 3 (GRU) or 4 (LSTM)."""

    u: Tensor  # (m, gates * n), for the input
    w: Tensor  # (n, gates * n), for the state before
    b_u: Tensor  # (gates * n,), added to x_t U
    b_w: Tensor  # (gates * n,), added to s_{t-1} W; apart, since a GRU's reset gate scales it

    @classmethod
    def of_layer(
        cls, rnn: nn.RNNBase, layer: int = 0, *, backwards: bool = False
    ) -> "CellParameters":
        """Take the parameters of one layer and direction out of `torch.nn`'s, by reference."""
        end = f"_l{layer}_reverse" if backwards else f"_l{layer}"
        return cls(
            u=getattr(rnn, f"weight_ih{end}").T,
            w=getattr(rnn, f"weight_hh{end}").T,
            b_u=getattr(rnn, f"bias_ih{end}"),
            b_w=getattr(rnn, f"bias_hh{end}"),
        )


Step = Callable[[Tensor, State, CellParameters], State]


def rnn_step(x: Tensor, state: State, p: CellParameters) -> State:
    """Take a step of the vanilla RNN: `s_t = tanh(x_t U + s_{t-1} W + b)`.

    Elman 1990, "Finding structure in time". The notes' f is tanh here, and g, which makes an
    output `o_t = g(s_t V)` of the state, is the network's output layer.

    Args:
        x: (batch, m).
        state: (s,), s being (batch, n).
        p: one gate.

    Returns:
        (s,) after the input, (batch, n).
    """
    (s,) = state
    return (torch.tanh(x @ p.u + p.b_u + s @ p.w + p.b_w),)


def rnn_step_joined(x: Tensor, state: State, p: CellParameters) -> State:
    """Take the same step with one product: `s_t = tanh([x_t, s_{t-1}] [U; W] + b)`.

    Writing out the product of the joined row (m + n) and the stacked matrix (m + n, n) gives
    the two sums over m and over n that `rnn_step` adds. Arguments and result are the same.
    """
    (s,) = state
    joined = torch.cat((x, s), dim=1)  # (batch, m + n)
    stacked = torch.cat((p.u, p.w), dim=0)  # (m + n, n)
    return (torch.tanh(joined @ stacked + p.b_u + p.b_w),)


def lstm_step(x: Tensor, state: State, p: CellParameters) -> State:
    """Take a step of the LSTM, whose cell state c passes from step to step by a sum.

    Hochreiter & Schmidhuber 1997, "Long short-term memory", with the forget gate of
    Gers, Schmidhuber & Cummins 2000:

        i, f, o = σ(x_t U + h_{t-1} W + b), each with its own columns
        c̃   = tanh(x_t U_c + h_{t-1} W_c + b_c)
        c_t = f c_{t-1} + i c̃
        h_t = o tanh(c_t)

    Args:
        x: (batch, m).
        state: (h, c), both (batch, n).
        p: four gates, in PyTorch's order i f c̃ o.

    Returns:
        (h, c) after the input, both (batch, n).
    """
    h, c = state
    i, f, candidate, o = (x @ p.u + p.b_u + h @ p.w + p.b_w).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(candidate)
    return torch.sigmoid(o) * torch.tanh(c), c


def gru_step(x: Tensor, state: State, p: CellParameters) -> State:
    """Take a step of the GRU, which mixes the old state and a new one.

    Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder":

        r, z = σ(x_t U + h_{t-1} W + b), each with its own columns
        h̃   = tanh(x_t U_h + b_u + r (h_{t-1} W_h + b_w))
        h_t = z h_{t-1} + (1 - z) h̃

    The notes write z the other way round, `(1 - z) h_{t-1} + z h̃`; this is PyTorch's and ONNX's.
    As in PyTorch, r scales the product with the old state, not the old state before the product
    (ONNX calls that `linear_before_reset`).

    Args:
        x: (batch, m).
        state: (h,), h being (batch, n).
        p: three gates, in PyTorch's order r z h̃.

    Returns:
        (h,) after the input, (batch, n).
    """
    (h,) = state
    r_x, z_x, candidate_x = (x @ p.u + p.b_u).chunk(3, dim=1)
    r_h, z_h, candidate_h = (h @ p.w + p.b_w).chunk(3, dim=1)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    candidate = torch.tanh(candidate_x + r * candidate_h)
    return (z * h + (1 - z) * candidate,)


STEPS: Mapping[type[nn.RNNBase], Step] = {
    nn.RNN: rnn_step,
    nn.GRU: gru_step,
    nn.LSTM: lstm_step,
}


def read_sequence(
    step: Step, inputs: Tensor, state: State, p: CellParameters
) -> tuple[Tensor, State]:
    """Read a sequence from its first input to its last, a step each.

    Args:
        step: one of the functions above.
        inputs: (batch, time, m).
        state: what the first step takes.
        p: what every step takes.

    Returns:
        Outputs (batch, time, n), and the state after the last input.
    """
    outputs = []
    for x in inputs.unbind(dim=1):
        state = step(x, state, p)
        outputs.append(state[0])
    return torch.stack(outputs, dim=1), state


def read_both_ways(
    step: Step,
    inputs: Tensor,
    states: tuple[State, State],
    parameters: tuple[CellParameters, CellParameters],
) -> tuple[Tensor, tuple[State, State]]:
    """Read a sequence forwards and backwards, each with its own state and parameters.

    Schuster & Paliwal 1997, "Bidirectional recurrent neural networks". An output joins what both
    readers say at the same input, so it needs the whole sequence: such a cell can't be stepped.

    Returns:
        Outputs (batch, time, 2 * n), and both last states: the forward reader's is the one after
        the last input, the backward reader's the one after the first.
    """
    forwards, last_forwards = read_sequence(step, inputs, states[0], parameters[0])
    backwards, last_backwards = read_sequence(step, inputs.flip(1), states[1], parameters[1])
    return torch.cat((forwards, backwards.flip(1)), dim=2), (last_forwards, last_backwards)


def read_layers(rnn: nn.RNNBase, inputs: Tensor, state: State) -> tuple[Tensor, State]:
    """Do what `torch.nn`'s layers do, one upon another: each reads the outputs of the one below.

    Args:
        rnn: an nn.RNN (tanh), nn.GRU or nn.LSTM; its dropout is left out.
        inputs: (batch, time, m).
        state: each part (layers * directions, batch, n), a layer's directions side by side.

    Returns:
        Outputs (batch, time, directions * n) of the last layer, and the state of all layers.
    """
    step = STEPS[type(rnn)]
    rows = list(zip(*state, strict=True))  # the state of each layer and direction
    last: list[State] = []
    for layer in range(rnn.num_layers):
        p = CellParameters.of_layer(rnn, layer)
        if rnn.bidirectional:
            both = (p, CellParameters.of_layer(rnn, layer, backwards=True))
            start = (rows[2 * layer], rows[2 * layer + 1])
            inputs, ends = read_both_ways(step, inputs, start, both)
            last += ends
        else:
            inputs, end = read_sequence(step, inputs, rows[layer], p)
            last.append(end)
    return inputs, tuple(torch.stack(part) for part in zip(*last, strict=True))
