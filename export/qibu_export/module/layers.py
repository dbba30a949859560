"""Stand-ins for torch's recurrent layers and cells, which take their states from a book."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from qibu.core.errors import InputError

from .book import Book, Place, Seen
from .operators import reorder_gates

Weights = tuple[Tensor, Tensor, Tensor | None]  # of one layer, as ONNX's W, R and B


def _stack(mode: str, directions: Sequence[Sequence[Tensor]]) -> Weights:
    """Give ONNX's weights of one layer; each direction has weight_ih, weight_hh, maybe biases."""
    ordered = [[reorder_gates(mode, part) for part in parts] for parts in directions]
    biases = [torch.cat(parts[2:]) for parts in ordered if parts[2:]]
    return (
        torch.stack([parts[0] for parts in ordered]),
        torch.stack([parts[1] for parts in ordered]),
        torch.stack(biases) if biases else None,
    )


class _StandIn(nn.Module):
    """What all stand-ins share: the book, their place in it, and the weights in ONNX's order."""

    book: Book
    path: str
    onnx_mode: str
    onnx_layers: int

    def _prepare(self, book: Book, path: str, mode: str, layers: Sequence[Weights]) -> None:
        self.book, self.path = book, path
        self.onnx_mode, self.onnx_layers = mode, len(layers)
        for layer, weights in enumerate(layers):
            for letter, weight in zip("WRB", weights, strict=True):
                value = None if weight is None else weight.detach().clone()
                self.register_buffer(f"{letter}{layer}", value, persistent=False)

    def _weights(self, layer: int) -> Weights:
        w, r, b = (getattr(self, f"{letter}{layer}") for letter in "WRB")
        return w, r, b

    def _layer(self, x: Tensor, layer: int, states: Sequence[Tensor | None]) -> list[Tensor]:
        """Run one layer: y (time, batch, directions * hidden), then its last states."""
        if self.onnx_mode == "LSTM":
            y, *last = torch.ops.qibu.lstm(x, *self._weights(layer), *states)
        else:
            y, *last = torch.ops.qibu.recurrence(x, *self._weights(layer), *states, self.onnx_mode)
        return [y.transpose(1, 2).flatten(2) if y.shape[1] > 1 else y.squeeze(1), *last]

    def _take(
        self, given: Sequence[Tensor | None], shapes: Sequence[tuple[int, ...]], length: int
    ) -> tuple[list[Place], list[Tensor | None]]:
        call = self.book.next_call(self.path, "layer")
        places = [Place(self.path, call, part) for part in "hc"[: len(shapes)]]
        problem = ""
        if getattr(self, "bidirectional", False):
            problem = "is bidirectional: it reads the sequence from its end as well"
        kind = type(self).__name__
        taken = [
            self.book.take(Seen(place, kind, shape, length, state, problem=problem))
            for place, shape, state in zip(places, shapes, given, strict=True)
        ]
        return places, taken


class RecurrentStandIn(_StandIn, nn.RNNBase):
    """Stands where an `nn.RNN`, `nn.GRU` or `nn.LSTM` stood."""

    def adopt(self, book: Book, path: str) -> None:
        """Take the weights over.

        A projected LSTM becomes a plain one that carries m = o · tanh(c) with the recurrent weight
        R · P, since h = P m; ONNX has no projection.
        """
        layers = []
        for layer in range(self.num_layers):
            directions = []
            for suffix in ["", "_reverse"][: 1 + self.bidirectional]:
                names = ["weight_ih", "weight_hh"] + ["bias_ih", "bias_hh"] * self.bias
                parts = [getattr(self, f"{name}_l{layer}{suffix}") for name in names]
                if self.proj_size:
                    projection = getattr(self, f"weight_hr_l{layer}{suffix}").double()
                    parts[1] = (parts[1].double() @ projection).to(parts[1].dtype)
                directions.append(parts)
            layers.append(_stack(self.mode, directions))
            if self.proj_size:
                self._prepare_projection(layer)
        self._prepare(book, path, self.mode, layers)

    def _prepare_projection(self, layer: int) -> None:
        """Keep each direction's projection (hidden, projected) and its inverse from the right."""
        suffixes = [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]
        matrices = [getattr(self, f"weight_hr{suffix}").detach() for suffix in suffixes]
        inverses = [torch.linalg.pinv(matrix.double()).T for matrix in matrices]
        dtype = matrices[0].dtype
        self.register_buffer(
            f"onnx_p{layer}", torch.stack(matrices).transpose(1, 2).contiguous(), persistent=False
        )
        self.register_buffer(f"onnx_q{layer}", torch.stack(inverses).to(dtype), persistent=False)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Do what the layer did, with the states that the book has."""
        if isinstance(input, PackedSequence):
            raise InputError(
                f"{self.path or 'the module'} is given a packed sequence, which ONNX has no word "
                "for; give it the padded tensor, and each length its own call"
            )
        batched = input.dim() == 3
        x = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if batched and self.batch_first else x  # (time, batch, input)
        directions = 1 + self.bidirectional
        sizes = [self.proj_size or self.hidden_size, self.hidden_size][: 1 + (self.mode == "LSTM")]
        middle = (x.shape[1],) if batched else ()
        shapes = [(self.num_layers * directions, *middle, size) for size in sizes]
        given = (None,) * len(sizes) if hx is None else hx if len(sizes) > 1 else (hx,)
        places, states = self._take(given, shapes, x.shape[0])
        if not batched:
            states = [None if state is None else state.unsqueeze(1) for state in states]
        x, last = self._run(x, states)
        if not batched:
            x, last = x.squeeze(1), [state.squeeze(1) for state in last]
        elif self.batch_first:
            x = x.transpose(0, 1)
        for place, state in zip(places, last, strict=True):
            self.book.give(place, state)
        return x, tuple(last) if len(last) > 1 else last[0]

    def _run(self, x: Tensor, states: Sequence[Tensor | None]) -> tuple[Tensor, list[Tensor]]:
        """Run all layers over x (time, batch, input)."""
        directions = 1 + self.bidirectional
        ends: list[list[Tensor]] = []
        none = (None,) * self.num_layers
        begins = [
            none if s is None else torch.split(s, directions) if self.num_layers > 1 else (s,)
            for s in states
        ]
        for layer in range(self.num_layers):
            first = [begin[layer] for begin in begins]
            if self.proj_size and first[0] is not None:
                first[0] = first[0] @ getattr(self, f"onnx_q{layer}")
            x, *last = self._layer(x, layer, first)
            if self.proj_size:
                projection = getattr(self, f"onnx_p{layer}")
                last[0] = last[0] @ projection
                halves = x.chunk(directions, 2)
                x = torch.cat([half @ m for half, m in zip(halves, projection, strict=True)], 2)
            ends.append(last)
        if self.num_layers == 1:
            return x, ends[0]
        return x, [torch.cat(parts) for parts in zip(*ends, strict=True)]


class CellStandIn(_StandIn, nn.RNNCellBase):
    """Stands where an `nn.RNNCell`, `nn.GRUCell` or `nn.LSTMCell` stood."""

    def adopt(self, book: Book, path: str) -> None:
        """Take the weights over."""
        names = ["weight_ih", "weight_hh"] + ["bias_ih", "bias_hh"] * self.bias
        kinds = {nn.GRUCell: "GRU", nn.LSTMCell: "LSTM"}
        modes = [mode for kind, mode in kinds.items() if isinstance(self, kind)]
        mode = modes[0] if modes else f"RNN_{str(self.nonlinearity).upper()}"
        weights = _stack(mode, [[getattr(self, name) for name in names]])
        self._prepare(book, path, mode, [weights])

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """Do what the cell did, with the states that the book has."""
        batched = input.dim() == 2
        count = 1 + (self.onnx_mode == "LSTM")
        shape = (input.shape[0], self.hidden_size) if batched else (self.hidden_size,)
        given = (None,) * count if hx is None else hx if count > 1 else (hx,)
        places, states = self._take(given, [shape] * count, 1)
        rows = [s if s is None else s.unsqueeze(0) for s in states]
        if not batched:
            rows = [s if s is None else s.unsqueeze(0) for s in rows]
        _, *last = self._layer(input.unsqueeze(0) if batched else input[None, None], 0, rows)
        last = [state.squeeze(0) if batched else state[0, 0] for state in last]
        for place, state in zip(places, last, strict=True):
            self.book.give(place, state)
        return tuple(last) if count > 1 else last[0]


def stand_in(model: nn.Module, book: Book) -> None:
    """Put the stand-ins in place of a model's recurrent layers.

    Only the class of each changes, so that a module which reads `hidden_size`, or a weight that is
    computed, finds them; a subclass keeps its own forward around the stand-in's.
    """
    for path, module in model.named_modules():
        base = RecurrentStandIn if isinstance(module, nn.RNNBase) else CellStandIn
        if not isinstance(module, (nn.RNNBase, nn.RNNCellBase)):
            continue
        own = type(module)
        plain = own.__module__.startswith("torch.nn.modules")
        # the stand-in comes before torch's class and after the user's
        parents = (base, own) if plain else (own, _between(base, own))
        module.__class__ = type(own.__name__, parents, {})
        module.adopt(book, path)  # type: ignore[operator]


def _between(base: type, own: type) -> type:
    """Give a class with the stand-in's forward that torch's class stands behind."""
    torchs = next(k for k in own.__mro__ if k.__module__.startswith("torch.nn.modules"))
    return type(torchs.__name__, (base, torchs), {})
