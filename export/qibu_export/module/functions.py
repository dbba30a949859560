"""Padding and convolutions over time: what they must remember of the steps before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from .book import Book, Place, Seen

JOINS = (torch.cat, torch.concat, torch.concatenate)
CONVOLUTIONS: Mapping[Any, int] = {torch.conv1d: 1, torch.conv2d: 2, torch.conv3d: 3}


class CarryingFunctions(TorchFunctionMode):
    """While it is on, zeros that stand before a sequence are its last inputs, once it goes on.

    `F.pad(x, (k - 1, 0))` then is: what was carried, then x. A convolution that pads by itself and
    is trimmed after does the same on its left.
    """

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.book = book

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Take what concerns time into our own hands; everything else goes on as it was."""
        values = dict(kwargs or {})
        if func is F.pad:
            return self._pad(*args, **values)
        if func in JOINS and self._joins_two(*args, **values):
            return self._join(*args, **values)
        if func in CONVOLUTIONS:
            return self._convolve(func, *args, **values)
        return func(*args, **values)

    def _pad(
        self, input: Tensor, pad: list[int], mode: str = "constant", value: float | None = None
    ) -> Tensor:
        sizes = list(pad)
        call = self.book.next_call(self.book.path, "pad")
        places: list[Place] = []
        x = input
        for i in range(0, len(sizes), 2):  # left and right of the last axis, of the one before, …
            axis, left = input.dim() - 1 - i // 2, sizes[i]
            if mode != "constant" or not isinstance(left, int) or left <= 0:
                continue
            places.append(Place(self.book.path, call, "pad", axis))
            state = self._take(places[-1], "pad", x, axis, left, float(value or 0.0))
            if state is not None:
                x = torch.cat([state, x], axis)
                self.book.give(places[-1], self._last(x, axis, left))
                sizes[i] = 0
        if any(sizes):
            x = F.pad(x, sizes, mode, value)
        if places and self.book.observing:
            self.book.padded = (x, places)
        return x

    @staticmethod
    def _joins_two(tensors: Any = (), dim: Any = 0, **_: Any) -> bool:
        return len(tensors) == 2 and isinstance(dim, int) and "out" not in _

    def _join(self, tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
        """Do what `torch.cat` does: of a constant and a sequence it is a padding."""
        first, x = tensors
        if first.dim() != x.dim():
            return torch.cat(list(tensors), dim)
        axis, size = dim % x.dim(), first.shape[dim]
        place = Place(self.book.path, self.book.next_call(self.book.path, "join"), "join", axis)
        if self.book.observing:
            self.book.take(Seen(place, "join", tuple(first.shape), x.shape[axis], first))
        elif self.book.carries(place):
            state = self.book.take(Seen(place, "join", (), 0))
            first = first if state is None else state
        joined = torch.cat([first, x], axis)
        if self.book.carries(place):
            self.book.give(place, self._last(joined, axis, size))
        if self.book.observing:
            self.book.padded = (joined, [place])
        return joined

    def _convolve(
        self,
        func: Callable[..., Tensor],
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:
        count = CONVOLUTIONS[func]
        strides, dilations = _each(stride, count), _each(dilation, count)
        spans = [(weight.shape[2 + i] - 1) * dilations[i] for i in range(count)]
        book = self.book
        if book.observing and book.padded is not None and book.padded[0] is input:
            book.name_after(book.padded[1], book.path)  # the padding serves this convolution
        if isinstance(padding, str):
            if padding == "valid" or not any(spans):
                padding = 0
            else:
                return func(input, weight, bias, strides, padding, dilations, groups)
        paddings = _each(padding, count)
        call = book.next_call(book.path, "convolution")
        x = input
        for i in range(count):
            axis = input.dim() - count + i
            if paddings[i] <= 0:
                continue
            problem = ""
            ahead = spans[i] - paddings[i]
            if ahead > 0:
                problem = (
                    f"looks {ahead} step{'s' * (ahead > 1)} ahead (padding {paddings[i]}; to look "
                    f"back only, pad by {spans[i]} on the left: F.pad(x, ({spans[i]}, 0)))"
                )
            place = Place(book.path, call, "last", axis)
            state = self._take(place, "convolution", x, axis, paddings[i], 0.0, problem)
            if state is None:
                continue
            right = [0] * (2 * (input.dim() - axis) - 1) + [paddings[i]]
            x = torch.cat([state, x], axis)
            book.give(place, self._last(x, axis, paddings[i]))
            x = F.pad(x, right)  # the right side stays as it was: forward trims it
            paddings[i] = 0
        return func(x, weight, bias, strides, paddings, dilations, groups)

    def _take(
        self,
        place: Place,
        kind: str,
        x: Tensor,
        axis: int,
        size: int,
        start: float,
        problem: str = "",
    ) -> Tensor | None:
        """Give the state of a place where there is one."""
        if not self.book.observing:
            return self.book.take(Seen(place, kind, (), 0)) if self.book.carries(place) else None
        shape = (*x.shape[:axis], size, *x.shape[axis + 1 :])
        return self.book.take(Seen(place, kind, shape, x.shape[axis], start=start, problem=problem))

    @staticmethod
    def _last(x: Tensor, axis: int, size: int) -> Tensor:
        return x.narrow(axis, x.shape[axis] - size, size)


def _each(value: Any, count: int) -> list[int]:
    """Give a setting for each axis."""
    return [value] * count if isinstance(value, int) else list(value) * (count // len(value))
