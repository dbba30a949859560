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
    names: list[str] = []
    size = chance.choice([3, 4, 8])
    tokens = chance.random() < 0.25
    first: nn.Module = nn.Embedding(11, size) if tokens else nn.Identity()
    blocks: list[nn.Module] = []
    for number in range(chance.randint(1, 4)):
        kinds = list(BLOCKS)
        if number == 0:  # something to carry
            kinds = ["rnn", "gru", "lstm", "conv", "learned"]
        kind = chance.choice(kinds)
        block, out = BLOCKS[kind](chance, size, whole)
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
    width = 0 if tokens else int(_width(blocks[0], size))
    example = torch.zeros(1, 1, dtype=torch.int64) if tokens else torch.zeros(1, 1, width)
    arguments: dict[str, Any] = {
        "inputs": {"x": example},
        "outputs": ["y"] if way in ("all", "last") else ["y", "features"],
        "axes": {"x": ("batch", "time")} if tokens else None,
        "streaming": not whole,
    }
    return Case(model, arguments, (*names, way, *(["whole"] if whole else [])))


def _width(block: nn.Module, size: int) -> int:
    """Give how many features a block reads."""
    for module in block.modules():
        for name in ("input_size", "in_channels", "in_features", "num_features"):
            found = getattr(module, name, None)
            if isinstance(found, int):
                return found
    return size


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


BLOCKS: dict[str, Callable[[random.Random, int, bool], Block]] = {
    "rnn": _layer(nn.RNN),
    "gru": _layer(nn.GRU),
    "lstm": _layer(nn.LSTM),
    "conv": _conv,
    "plain": _plain,
    "layer norm": _layer_norm,
    "batch norm": _batch_norm,
    "learned": _learned,
}
