"""The network of every text."""

from typing import cast

import torch
from torch import Tensor, nn

from ..core.recurrent import RecurrentNetwork, State


class SharedDropout(nn.Module):
    """Dropout with one mask a row for all steps of a window.

    Gal & Ghahramani 2016, https://arxiv.org/abs/1512.05287. On a processor the random numbers of a
    mask for every step take a tenth of a training step.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, values: Tensor) -> Tensor:
        """Drop features of values (batch, time, features) in training."""
        if not self.training or not self.p:
            return values
        mask = values.new_empty(len(values), 1, values.shape[2])
        return values * mask.bernoulli_(1 - self.p).div_(1 - self.p)


class TextNetwork(RecurrentNetwork):
    """Characters in, logits of the next character out.

    The output layer is the embedding transposed when the sizes allow it (Press & Wolf 2017,
    https://arxiv.org/abs/1608.05859): fewer parameters and a lower perplexity.

    Args:
        cell: one that reads forwards.
        vocabulary_size: tokens.
        hidden_size: of the layers, and of an embedding.
        num_layers: of the cell.
        dropout: between all of them, the same at all steps of a window.
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
        self.dropout = SharedDropout(dropout)

    def features(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read tokens (batch, time) int64; give what the output layer reads, and the state."""
        inputs = self.dropout(self._inputs(tokens))
        # layers are quicker together on a GPU, and nothing drops out where nothing is trained
        between = self.dropout if self.training and not inputs.is_cuda else None
        outputs, state = self.recur(inputs, state, between)
        return self.dropout(outputs), state

    def _inputs(self, tokens: Tensor) -> Tensor:
        """Give scaled embeddings; the fewer of tokens read and tokens known are multiplied.

        In memory a step's are side by side, as the layers want them.
        """
        by_step = tokens.T
        if not self.training or tokens.numel() < self.embedding.num_embeddings:
            return cast(Tensor, self.embedding(by_step) * self.input_scale).transpose(0, 1)
        scaled = self.embedding.weight * self.input_scale
        return nn.functional.embedding(by_step, scaled).transpose(0, 1)

    def logits(self, features: Tensor) -> Tensor:
        """Give logits (…, vocabulary) of features (…, hidden)."""
        return nn.functional.linear(features, self.embedding.weight, self.bias)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read tokens (batch, time) int64; give logits (batch, vocabulary) after the last."""
        _, state = self.features(inputs, state)
        return self.logits(self.dropout(state[0][-1])), state
