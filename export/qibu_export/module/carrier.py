"""The module whose states go in and come out: what is exported, and what it is compared with."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .book import Book, Place, Seen
from .functions import CarryingFunctions
from .request import BATCH, Request

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Carried:
    """A state of the file, and where in the module it lives."""

    input: str
    output: str
    source: Place | str | None  # a place, a buffer's name; None: forward takes and returns it
    shape: tuple[int | str, ...]  # a size, or a free axis's name
    initial: Tensor  # size 1 along the batch; other free axes as they begin
    group: int | None = None  # this axis is the layer's own part of what it calls the batch

    @property
    def batch_axis(self) -> int | None:
        """Which axis is the batch, if one is."""
        return self.shape.index(BATCH) if BATCH in self.shape else None

    def first(self, batch: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Give the state with which a batch begins."""
        sizes = list(self.initial.shape)
        if self.batch_axis is not None:
            sizes[self.batch_axis] = batch
        initial = self.initial.expand(sizes).clone()
        return initial.to(dtype) if initial.is_floating_point() else initial


class Carrier(nn.Module):
    """Calls a module with its states as arguments, and gives them back as results."""

    def __init__(self, model: nn.Module, book: Book, request: Request) -> None:
        super().__init__()
        self.model, self.book, self.request = model, book, request
        self.states: Sequence[Carried] = ()
        self.dtype = torch.float32

    @property
    def input_names(self) -> tuple[str, ...]:
        """The inputs of the file: data first, then states."""
        return (*self.request.data, *(state.input for state in self.states))

    @property
    def output_names(self) -> tuple[str, ...]:
        """The outputs of the file: results first, then states."""
        return (*self.request.results, *(state.output for state in self.states))

    def exact(self) -> "Carrier":
        """Give a copy that computes in float64."""
        import copy

        twin = copy.deepcopy(self).double()
        twin.dtype = torch.float64
        return twin

    def forward(self, *values: Tensor) -> tuple[Tensor, ...]:
        """Give the results and the states after, in the order of `output_names`."""
        named = dict(zip(self.input_names, values, strict=True))
        carried: dict[Place, Tensor] = {}
        buffers: dict[str, Tensor] = {}
        for state in self.states:
            if isinstance(state.source, Place):
                tensor = named[state.input]
                if state.group is not None:
                    tensor = tensor.flatten(state.group - 1, state.group)
                carried[state.source] = tensor
            elif isinstance(state.source, str):
                buffers[state.source] = named[state.input].clone()  # forward may write into it
        with self.book.open(carried), self._buffers_are(buffers), CarryingFunctions(self.book):
            found = self.request.call(self.model, named)
            after = {name: self._buffer(name) for name in buffers}
        outputs = [found[name] for name in self.request.results]
        for state in self.states:
            if isinstance(state.source, Place):
                tensor = self.book.results[state.source]
                if state.group is not None:
                    size = int(state.shape[state.group])
                    axis = state.group - 1
                    sizes = (*tensor.shape[:axis], -1, size, *tensor.shape[axis + 1 :])
                    tensor = tensor.reshape(sizes)
            else:
                tensor = found[state.output] if state.source is None else after[state.source]
            outputs.append(tensor)
        seen: set[int] = set()
        for place, tensor in enumerate(outputs):  # one tensor can't be two outputs of a graph
            outputs[place] = tensor.clone() if id(tensor) in seen else tensor
            seen.add(id(tensor))
        return tuple(outputs)

    @torch.no_grad()
    def run(
        self, inputs: Mapping[str, Tensor], states: Mapping[str, Tensor]
    ) -> tuple[Tensors, Tensors]:
        """Advance by these inputs.

        Returns:
            The results by name, and the states after by their inputs' names.
        """
        given = {**inputs, **states}
        values = [
            given[name].to(self.dtype) if given[name].is_floating_point() else given[name]
            for name in self.input_names
        ]
        found = self(*values)
        count = len(self.request.results)
        return (
            dict(zip(self.request.results, found[:count], strict=True)),
            {s.input: value for s, value in zip(self.states, found[count:], strict=True)},
        )

    @torch.no_grad()
    def observe(
        self, values: Mapping[str, Tensor], buffers: Mapping[str, Tensor]
    ) -> tuple[Tensors, Tensors, list[Seen]]:
        """Run forward as it is, and note where a state could be carried.

        Returns:
            The outputs, the buffers after, and what was seen.
        """
        written = {name: value.clone() for name, value in buffers.items()}
        with (
            self.book.open({}, observe=True),
            self._buffers_are(written),
            CarryingFunctions(self.book),
        ):
            found = self.request.call(self.model, values)
            after = {name: self._buffer(name) for name in buffers}
            return found, after, self.book.seen

    def start(self, batch: int) -> Tensors:
        """Give the states with which a batch begins."""
        return {state.input: state.first(batch, self.dtype) for state in self.states}

    def _owner(self, name: str) -> tuple[nn.Module, str]:
        path, _, own = name.rpartition(".")
        return self.model.get_submodule(path), own

    def _buffer(self, name: str) -> Tensor:
        module, own = self._owner(name)
        value = module._buffers[own]
        assert value is not None
        return value

    @contextmanager
    def _buffers_are(self, values: Mapping[str, Tensor]) -> Iterator[None]:
        """Put values in place of buffers, and the buffers back."""
        kept = {name: self._buffer(name) for name in values}
        try:
            for name, value in values.items():
                module, own = self._owner(name)
                module._buffers[own] = value
            yield
        finally:
            for name, value in kept.items():
                module, own = self._owner(name)
                module._buffers[own] = value
