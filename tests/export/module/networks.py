"""Modules as people write them."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Anomaly(nn.Module):
    """A two-layer GRU over twelve sensors."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleDict({"rnn": nn.GRU(12, 16, 2, batch_first=True)})
        self.head = nn.Sequential(nn.LayerNorm(16), nn.Dropout(0.5), nn.Linear(16, 1))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.encoder["rnn"](x)[0])
        return result


class Layer(nn.Module):
    """One recurrent layer of any kind and a linear one."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer
        size = (layer.proj_size or layer.hidden_size) * (1 + layer.bidirectional)
        self.head = nn.Linear(size, 3)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.layer(x)[0])
        return result


class Cell(nn.Module):
    """One step of a cell: a policy."""

    def __init__(self, cell: nn.RNNCellBase) -> None:
        super().__init__()
        self.cell = cell
        self.head = nn.Linear(cell.hidden_size, 2)

    def forward(self, observation: Tensor) -> dict[str, Tensor]:
        h = self.cell(observation)
        h = h[0] if isinstance(h, tuple) else h
        return {"action": torch.tanh(self.head(h)), "h": h}


class KeywordSpotter(nn.Module):
    """Causal convolutions in two ways, a GRU, a score for each step."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(10, 8, 3, padding=2)
        self.second = nn.Conv1d(8, 8, 3, dilation=2, groups=8)
        self.norm = nn.BatchNorm1d(8)
        self.rnn = nn.GRU(8, 8, batch_first=True)
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)
        x = self.first(x)[:, :, :-2].relu()
        x = x + self.norm(self.second(F.pad(x, (4, 0))))
        y, _ = self.rnn(x.transpose(1, 2))
        result: Tensor = self.head(y).log_softmax(-1)
        return result


class LearnedStart(nn.Module):
    """A layer that starts from a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.h0 = nn.Parameter(torch.randn(1, 1, 6))
        self.rnn = nn.GRU(4, 6, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.rnn(x, self.h0.expand(-1, x.shape[0], -1).contiguous())
        result: Tensor = y
        return result


class Own(nn.Module):
    """Takes and returns its states itself."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(4, 6, batch_first=True)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        y, state = self.rnn(x, (h, c))
        return y, state


class Twice(nn.Module):
    """One layer called twice, in a residual way, beside a list of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.LSTM(5, 5, batch_first=True)
        self.stack = nn.ModuleList([nn.GRU(5, 5, batch_first=True) for _ in range(2)])

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.shared(x)[0]
        x = x + self.shared(x)[0]
        for layer in self.stack:
            x = F.gelu(layer(x)[0])
        return x


class Spiking(nn.Module):
    """A leaky neuron whose potential is a buffer, assigned anew."""

    potential: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 5)
        self.register_buffer("potential", torch.full((1, 5), 0.25))

    def forward(self, x: Tensor) -> Tensor:
        self.potential = 0.9 * self.potential + self.linear(x)
        spikes = (self.potential > 1).float()
        self.potential = self.potential - spikes
        return spikes + self.potential


class Ring(nn.Module):
    """Keeps its last four inputs in a buffer, in place; the batch is one."""

    last: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("last", torch.zeros(1, 4, 3))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        self.linear = nn.Linear(12, 2)

    def forward(self, x: Tensor) -> Tensor:
        self.last.copy_(torch.cat([self.last[:, 1:], x.unsqueeze(1)], 1))
        self.count += 1
        result: Tensor = self.linear(self.last.flatten(1)) * self.count
        return result


class Text(nn.Module):
    """Tokens to logits."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.rnn = nn.RNN(6, 6, nonlinearity="relu", batch_first=True)

    def forward(self, tokens: Tensor) -> Tensor:
        y, _ = self.rnn(self.embedding(tokens))
        result: Tensor = y @ self.embedding.weight.T
        return result


class Bands(nn.Module):
    """Rows of bands: a bidirectional layer within each step, one of time for each band."""

    def __init__(self) -> None:
        super().__init__()
        self.within = nn.GRU(2, 3, batch_first=True, bidirectional=True)
        self.along = nn.GRU(6, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        batch, time, bands, _ = x.shape
        y, _ = self.within(x.flatten(0, 1))
        y = y.reshape(batch, time, bands, 6).transpose(1, 2).reshape(batch * bands, time, 6)
        y, _ = self.along(y)
        result: Tensor = y.reshape(batch, bands, time, 4).transpose(1, 2)
        return result


class MeanOverTime(nn.Module):
    """Reads a whole sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 6, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.rnn(x)[0].mean(1)
        return result


class Attending(nn.Module):
    """Attends to all steps."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 4, batch_first=True)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.rnn(x)
        result: Tensor = self.attention(y, y, y)[0]
        return result


class LookingAhead(nn.Module):
    """A convolution of three, centred."""

    def __init__(self, padding: Any = 1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 4, 3, padding=padding)
        self.rnn = nn.GRU(4, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.rnn(self.conv(x.transpose(1, 2)).transpose(1, 2))[0]
        return result


class Branching(nn.Module):
    """Decides by the values of its input."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.rnn(x)[0]
        if y.sum() > 0:
            return y
        return -y


class Looping(nn.Module):
    """Loops over time in Python."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        h, found = None, []
        for step in range(x.shape[1]):
            h = self.cell(x[:, step], h)
            found.append(h)
        return torch.stack(found, 1)


class Remembering(nn.Module):
    """Keeps its state in an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 4, batch_first=True)
        self.h: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        y, self.h = self.rnn(x, self.h)
        result: Tensor = y
        return result


class Enhancer(nn.Module):
    """Samples in, four a step: a strided convolution over overlapping frames, a GRU, a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = nn.Conv1d(1, 6, 8, stride=4)
        self.rnn = nn.GRU(6, 6, batch_first=True)
        self.back = nn.Linear(6, 4)

    def forward(self, samples: Tensor) -> Tensor:
        x = F.pad(samples.unsqueeze(1), (4, 0))
        x = self.frames(x).transpose(1, 2)
        y, _ = self.rnn(x)
        result: Tensor = self.back(x * y.sigmoid()).flatten(1)
        return result


class Cached(nn.Module):
    """Attends to all steps so far, whose keys come in and go out."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        present = torch.cat([past, self.key(x)], 1)
        scores = (self.query(x) @ present.transpose(1, 2)).softmax(-1)
        return scores @ present, present
