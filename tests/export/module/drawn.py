"""Modules drawn at random from the layers that people use."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Swapped(nn.Module):
    """Runs a module over (batch, features, time), and cuts what stands over."""

    def __init__(self, inner: nn.Module, over: int = 0) -> None:
        super().__init__()
        self.inner, self.over = inner, over

    def forward(self, x: Tensor) -> Tensor:
        x = self.inner(x.transpose(1, 2))
        return (x[..., : -self.over] if self.over else x).transpose(1, 2)


class Padded(nn.Module):
    """A convolution after padding on the left."""

    def __init__(self, conv: nn.Conv1d, left: int) -> None:
        super().__init__()
        self.conv, self.left = conv, left

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(F.pad(x, (self.left, 0)))
        return result


class First(nn.Module):
    """The sequence that a recurrent layer gives."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        if self.layer.batch_first:
            result: Tensor = self.layer(x)[0]
            return result
        return torch.transpose(self.layer(x.transpose(0, 1))[0], 0, 1)


class Twice(nn.Module):
    """A layer that is called twice, and so has a state a call."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.layer(self.layer(x))
        return result


class Stepped(nn.Module):
    """What a cell makes of one step."""

    def __init__(self, cell: nn.RNNCellBase) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Tensor:
        h = self.cell(x)
        result: Tensor = h[0] if isinstance(h, tuple) else h
        return result


class Learned(nn.Module):
    """A GRU that starts from a parameter."""

    def __init__(self, size: int, hidden: int) -> None:
        super().__init__()
        self.rnn = nn.GRU(size, hidden, batch_first=True)
        self.start = nn.Parameter(torch.zeros(hidden))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.rnn(x, self.start.repeat(1, x.shape[0], 1))[0]
        return result


class Skip(nn.Module):
    """A block beside a way around it."""

    def __init__(self, block: nn.Module, size: int, out: int) -> None:
        super().__init__()
        self.block = block
        self.around = nn.Identity() if size == out else nn.Linear(size, out, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.block(x) + self.around(x)
        return result


class Drawn(nn.Module):
    """Blocks one after the other, with the outputs in one of the ways that forward returns."""

    def __init__(self, first: nn.Module, blocks: list[nn.Module], size: int, way: str) -> None:
        super().__init__()
        self.first, self.blocks, self.way = first, nn.ModuleList(blocks), way
        self.head = nn.Linear(size, 3)

    def forward(self, x: Tensor) -> Any:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        y = self.head(x)
        if self.way == "tuple":
            return y, x
        if self.way == "dict":
            return {"y": y.softmax(-1), "features": x}
        return y if self.way == "all" else y[:, -1]


@dataclass(frozen=True)
class Case:
    """A module and how to export it."""

    model: nn.Module
    arguments: dict[str, Any]
    parts: tuple[str, ...]


def draw(seed: int) -> Case:
    """Draw a module; the same seed gives the same one."""
    chance = random.Random(seed)
    whole = chance.random() < 0.15
    one_step = not whole and chance.random() < 0.15  # cells know no time
    names: list[str] = []
    size = width = chance.choice([3, 4, 8])
    tokens = chance.random() < 0.25
    first: nn.Module = nn.Embedding(11, size) if tokens else nn.Identity()
    blocks: list[nn.Module] = []
    carrying, others = (CELLS, STATELESS) if one_step else (CARRYING, STATELESS | OVER_TIME)
    for number in range(chance.randint(1, 4)):
        kinds = carrying if number == 0 else carrying | others  # something to carry
        kind = chance.choice(list(kinds))
        block, out = kinds[kind](chance, size, whole)
        names.append(f"{kind} {size} → {out}")
        skip = chance.random() < 0.3
        blocks.append(Skip(block, size, out) if skip else block)
        size = out
    way = chance.choice(["all", "last", "tuple", "dict"])
    generator = torch.Generator().manual_seed(seed)
    model = Drawn(first, blocks, size, way)
    with torch.no_grad():
        for name, value in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("running_var"):
                value.uniform_(0.5, 2, generator=generator)
            elif value.is_floating_point() and not name.endswith("mean"):
                value.uniform_(-0.6, 0.6, generator=generator)
    axes = ("batch",) if one_step else ("batch", "time")
    example = torch.zeros([1] * len(axes) if tokens else [*[1] * len(axes), width])
    arguments: dict[str, Any] = {
        "inputs": {"x": example.long() if tokens else example},
        "outputs": ["y"] if way in ("all", "last") else ["y", "features"],
        "axes": {"x": axes} if tokens else None,
        "streaming": not whole,
    }
    return Case(model, arguments, (*names, way, *(["whole"] if whole else [])))


Block = tuple[nn.Module, int]


def _layer(kind: Any) -> Callable[[random.Random, int, bool], Block]:
    def make(chance: random.Random, size: int, whole: bool) -> Block:
        hidden = chance.choice([2, 5, 8])
        more: dict[str, Any] = {}
        if kind is nn.RNN:
            more["nonlinearity"] = chance.choice(["tanh", "relu"])
        if kind is nn.LSTM and hidden > 2 and chance.random() < 0.3:
            more["proj_size"] = hidden // 2
        layer = kind(
            size,
            hidden,
            chance.choice([1, 1, 2, 3]),
            bias=chance.random() < 0.8,
            batch_first=chance.random() < 0.7,
            dropout=0.0,
            bidirectional=whole and chance.random() < 0.6,
            **more,
        )
        return First(layer), (layer.proj_size or hidden) * (1 + layer.bidirectional)

    return make


def _twice(chance: random.Random, size: int, whole: bool) -> Block:
    kind = chance.choice([nn.RNN, nn.GRU, nn.LSTM])
    return Twice(First(kind(size, size, chance.choice([1, 2]), batch_first=True))), size


def _cell(kind: Any) -> Callable[[random.Random, int, bool], Block]:
    def make(chance: random.Random, size: int, whole: bool) -> Block:
        hidden = chance.choice([2, 5, 8])
        more = {"nonlinearity": chance.choice(["tanh", "relu"])} if kind is nn.RNNCell else {}
        return Stepped(kind(size, hidden, bias=chance.random() < 0.8, **more)), hidden

    return make


def _conv(chance: random.Random, size: int, whole: bool) -> Block:
    out, kernel, dilation = chance.choice([4, 6]), chance.choice([2, 3, 5]), chance.choice([1, 2])
    left = (kernel - 1) * dilation
    way = chance.choice(["pad", "trim", "layer"])
    bias = chance.random() < 0.7
    if way == "trim":
        conv = nn.Conv1d(size, out, kernel, padding=left, dilation=dilation, bias=bias)
        return Swapped(conv, left), out
    conv = nn.Conv1d(size, out, kernel, dilation=dilation, bias=bias)
    padded = nn.Sequential(nn.ConstantPad1d((left, 0), 0.0), conv)
    return Swapped(Padded(conv, left) if way == "pad" else padded), out


def _plain(chance: random.Random, size: int, whole: bool) -> Block:
    out = chance.choice([3, 6])
    activation = chance.choice(
        [nn.ReLU, nn.Tanh, nn.GELU, nn.SiLU, nn.ELU, nn.Sigmoid, nn.Softplus]
    )
    return nn.Sequential(nn.Linear(size, out), activation(), nn.Dropout(0.3)), out


def _layer_norm(chance: random.Random, size: int, whole: bool) -> Block:
    return nn.LayerNorm(size), size


def _batch_norm(chance: random.Random, size: int, whole: bool) -> Block:
    return Swapped(nn.BatchNorm1d(size)), size


def _learned(chance: random.Random, size: int, whole: bool) -> Block:
    return Learned(size, 4), 4


Blocks = dict[str, Callable[[random.Random, int, bool], Block]]

CELLS: Blocks = {
    "rnn cell": _cell(nn.RNNCell),
    "gru cell": _cell(nn.GRUCell),
    "lstm cell": _cell(nn.LSTMCell),
}
CARRYING: Blocks = {
    "rnn": _layer(nn.RNN),
    "gru": _layer(nn.GRU),
    "lstm": _layer(nn.LSTM),
    "conv": _conv,
    "learned": _learned,
    "twice": _twice,
}
STATELESS: Blocks = {"plain": _plain, "layer norm": _layer_norm}
OVER_TIME: Blocks = {"batch norm": _batch_norm}
