"""Recurrent layers over torch.nn, and the table of cells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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

    def recur(self, inputs: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Read (batch, time, input_size); give (batch, time, directions * hidden) and the state."""
        if state is not None and len(self.kind.states) == 1:
            outputs, last = self.rnn(inputs, state[0])
        else:
            outputs, last = self.rnn(inputs, state)
        return outputs, last if isinstance(last, tuple) else (last,)
