"""The network of every text."""

import torch
from torch import Tensor, nn

from ..core.recurrent import RecurrentNetwork, State


class TextNetwork(RecurrentNetwork):
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
            raise ValueError(f"a text is written forwards: cell {cell!r} reads both ways")
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
        _, state = self.features(inputs, state)
        return self.logits(self.dropout(state[0][-1])), state
