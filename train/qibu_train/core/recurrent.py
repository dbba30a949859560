"""Recurrent layers over torch.nn, and the table of cells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

State = tuple[Tensor, ...]


@dataclass(frozen=True)
class CellKind:
    """What the rest of the project asks of a cell."""

    module: Callable[..., nn.RNNBase]
    states: tuple[str, ...]  # one letter each; the graph calls them `h_in`, `h_out`, …
    operator: str  # ONNX's
    onnx_gates: tuple[int, ...]  # which of torch's gates stands where in ONNX's stacked weights
    bidirectional: bool = False

    @property
    def gates(self) -> int:
        """Rows of the stacked weights, in units of the hidden size."""
        return len(self.onnx_gates)

    @property
    def directions(self) -> int:
        """How many times a sequence is read."""
        return 2 if self.bidirectional else 1


_LSTM_GATES = (0, 3, 1, 2)  # torch: i f g o; ONNX: i o f c
CELLS: Mapping[str, CellKind] = {
    "rnn": CellKind(nn.RNN, ("h",), "RNN", (0,)),
    "gru": CellKind(nn.GRU, ("h",), "GRU", (1, 0, 2)),  # torch: r z n; ONNX: z r h
    "lstm": CellKind(nn.LSTM, ("h", "c"), "LSTM", _LSTM_GATES),
    "bilstm": CellKind(nn.LSTM, ("h", "c"), "LSTM", _LSTM_GATES, bidirectional=True),
}


class RecurrentNetwork(nn.Module):
    """Recurrent layers whose state is an argument and a result; a task's network adds its head."""

    def __init__(
        self, cell: str, input_size: int, hidden_size: int, num_layers: int, dropout: float
    ) -> None:
        super().__init__()
        self.cell = cell
        self.kind = CELLS[cell]
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.rnn = self.kind.module(
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
            bidirectional=self.kind.bidirectional,
        )
        if cell != "rnn":
            self._keep_at_first()

    def _keep_at_first(self) -> None:
        """Start with a state that is mostly kept, so that early gradients reach far back."""
        for name, parameter in self.rnn.named_parameters():
            if name.startswith("bias_ih"):
                # torch's order: i f g o of an LSTM, r z n of a GRU
                kept = slice(self.hidden_size, 2 * self.hidden_size)
                nn.init.ones_(parameter.data[kept])

    def initial_state(self, batch: int) -> State:
        """Give zeros of shape (layers * directions, batch, hidden), one tensor a state name."""
        weight = next(self.parameters())
        size = (self.num_layers * self.kind.directions, batch, self.hidden_size)
        return tuple(weight.new_zeros(size) for _ in self.kind.states)

    def recur(
        self,
        inputs: Tensor,
        state: State | None,
        between: Callable[[Tensor], Tensor] | None = None,
    ) -> tuple[Tensor, State]:
        """Read (batch, time, input_size); give (batch, time, directions * hidden) and the state.

        Args:
            inputs: floating point.
            state: before the first of them; zeros if None.
            between: what a layer's outputs go through to the next one, in the place of the
                layers' own dropout; of networks that read forwards.
        """
        if between is not None and self.num_layers > 1:
            return self._recur_by_layer(inputs, state or self.initial_state(len(inputs)), between)
        if state is not None and len(self.kind.states) == 1:
            outputs, last = self.rnn(inputs, state[0])
        else:
            outputs, last = self.rnn(inputs, state)
        return outputs, last if isinstance(last, tuple) else (last,)

    def _recur_by_layer(
        self, inputs: Tensor, state: State, between: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, State]:
        last: list[State] = []
        for layer in range(self.num_layers):
            weights = [
                getattr(self.rnn, f"{name}_l{layer}")
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            ]
            before = [part[layer : layer + 1].contiguous() for part in state]
            inputs, *after = _LAYERS[self.cell](
                inputs if layer == 0 else between(inputs),
                before if len(before) > 1 else before[0],
                weights,
                True,  # biases
                1,  # layer
                0.0,  # dropout
                self.training,
                False,  # both directions
                True,  # batch first
            )
            last.append(tuple(after))
        return inputs, tuple(torch.cat(parts) for parts in zip(*last, strict=True))


# what the layers of torch.nn call for themselves
_LAYERS: Mapping[str, Callable[..., tuple[Tensor, ...]]] = {
    "rnn": torch.rnn_tanh,
    "gru": torch.gru,
    "lstm": torch.lstm,
}
