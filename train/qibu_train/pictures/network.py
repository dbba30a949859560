"""The network that reads pictures."""

from typing import cast

from torch import Tensor, nn

from qibu.pictures.picture_format import MNIST, PictureFormat

from ..core.recurrent import RecurrentNetwork, State


class PictureNetwork(RecurrentNetwork):
    """Rows of a picture in, a logit for each of its classes out."""

    def __init__(
        self,
        cell: str,
        hidden_size: int,
        num_layers: int,
        dropout: float = 0.0,
        pictures: PictureFormat = MNIST,
    ) -> None:
        super().__init__(cell, pictures.width, hidden_size, num_layers, dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.kind.directions * hidden_size, len(pictures.labels))

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read rows (batch, time, width), 0..1; give logits (batch, classes) after the last row.

        The head reads the last state of every direction: for the one that reads upwards that
        is the state after the first row, not the output at the last time step.
        """
        _, state = self.recur(inputs, state)
        last = state[0][-self.kind.directions :]  # (directions, batch, hidden)
        return self.head(self.dropout(last.transpose(0, 1).flatten(1))), state

    def by_row(self, inputs: Tensor) -> Tensor:
        """Read rows (batch, time, width) downwards; give logits (batch, time, classes) after each.

        Raises:
            ValueError: the cell reads both ways, so it has no answer before the last row.
        """
        if self.kind.bidirectional:
            raise ValueError(f"cell {self.cell!r} reads both ways: it answers after the last row")
        outputs, _ = self.recur(inputs, None)
        return cast(Tensor, self.head(self.dropout(outputs)))
