"""The networks of both tasks over torch.nn, and the table of cells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

State = tuple[Tensor, ...]


@dataclass(frozen=True)
class CellKind:
    """What the rest of the project asks of a cell."""

    module: Callable[..., nn.RNNBase]
    states: tuple[str, ...]  # one letter each; the graph calls them `h_in`, `h_out`, …
    gates: int  # rows of the stacked weights, in units of the hidden size
    bidirectional: bool = False

    @property
    def directions(self) -> int:
        """How many times a sequence is read."""
        return 2 if self.bidirectional else 1


CELLS: Mapping[str, CellKind] = {
    "rnn": CellKind(nn.RNN, ("h",), 1),
    "gru": CellKind(nn.GRU, ("h",), 3),
    "lstm": CellKind(nn.LSTM, ("h", "c"), 4),
    "bilstm": CellKind(nn.LSTM, ("h", "c"), 4, bidirectional=True),
}


class RecurrentNetwork(nn.Module):
    """The recurrent layers that both tasks share, with their state as argument and result."""

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


class PoemNetwork(RecurrentNetwork):
    """Characters in, logits of the next character out.

    The output layer is the embedding transposed when the sizes allow it (Press & Wolf 2017,
    https://arxiv.org/abs/1608.05859): fewer parameters and a lower perplexity.
    """

    def __init__(
        self,
        cell: str,
        vocabulary_size: int,
        hidden_size: int,
        num_layers: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(cell, hidden_size, hidden_size, num_layers, dropout)
        if self.kind.bidirectional:
            raise ValueError(f"a poem is written forwards: cell {cell!r} reads both ways")
        self.embedding = nn.Embedding(vocabulary_size, hidden_size)
        # rows short enough for the output layer are too faint to read: their entries come to be 1
        self.input_scale = hidden_size**0.5
        nn.init.normal_(self.embedding.weight, std=hidden_size**-0.5)
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.dropout = nn.Dropout(dropout)

    def features(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read tokens (batch, time) int64; give what the output layer reads, and the state."""
        inputs = self.dropout(self.embedding(tokens) * self.input_scale)
        outputs, state = self.recur(inputs, state)
        return self.dropout(outputs), state

    def logits(self, features: Tensor) -> Tensor:
        """Give logits (…, vocabulary) of features (…, hidden)."""
        return nn.functional.linear(features, self.embedding.weight, self.bias)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read tokens (batch, time) int64; give logits (batch, vocabulary) after the last."""
        features, state = self.features(inputs, state)
        return self.logits(features[:, -1]), state


class DigitNetwork(RecurrentNetwork):
    """Rows of a picture in, logits of the ten digits out."""

    def __init__(
        self, cell: str, hidden_size: int, num_layers: int, dropout: float = 0.0, row_size: int = 28
    ) -> None:
        super().__init__(cell, row_size, hidden_size, num_layers, dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.kind.directions * hidden_size, 10)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read rows (batch, time, 28), ink 0..1; give logits (batch, 10) after the last row.

        The head reads the last state of every direction: for the one that reads upwards that
        is the state after the first row, not the output at the last time step.
        """
        _, state = self.recur(inputs, state)
        last = state[0][-self.kind.directions :]  # (directions, batch, hidden)
        return self.head(self.dropout(last.transpose(0, 1).flatten(1))), state

    def by_row(self, inputs: Tensor) -> Tensor:
        """Read rows (batch, time, 28) downwards; give logits (batch, time, 10) after each.

        Raises:
            ValueError: the cell reads both ways, so it has no answer before the last row.
        """
        if self.kind.bidirectional:
            raise ValueError(f"cell {self.cell!r} reads both ways: it answers after the last row")
        outputs, _ = self.recur(inputs, None)
        return cast(Tensor, self.head(self.dropout(outputs)))
