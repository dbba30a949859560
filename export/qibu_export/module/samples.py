"""Random inputs that a module can read: the right shapes, and numbers in a range it takes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from .request import Axes, Request

RANGES = ("normal", "unit", "example")  # tried in this order until all that comes out is finite


class IndexLimits(TorchFunctionMode):
    """Notes how large the whole numbers of each input may be: an embedding says so."""

    def __init__(self, inputs: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.limits: dict[str, int] = {}
        self._names = {
            value.untyped_storage().data_ptr(): name
            for name, value in inputs.items()
            if not value.is_floating_point()
        }

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Look at what reads a table by an input's numbers."""
        kind = getattr(func, "__name__", "")
        if kind in ("embedding", "one_hot") and self._names:
            values = [*args, *(kwargs or {}).values()]
            for value in values:
                if isinstance(value, Tensor):
                    name = self._names.get(value.untyped_storage().data_ptr())
                    sizes = [
                        other.shape[0]
                        for other in values
                        if isinstance(other, Tensor) and other.is_floating_point()
                    ] or [other for other in values if isinstance(other, int) and other > 0]
                    if name and sizes:
                        self.limits[name] = min(sizes[0], self.limits.get(name, sizes[0]))
        return func(*args, **(kwargs or {}))


class Samples:
    """Makes a request's inputs with any sizes of the free axes."""

    def __init__(
        self, request: Request, axes: Mapping[str, Axes], limits: Mapping[str, int]
    ) -> None:
        self.request, self.axes, self.limits = request, axes, limits
        self.range = RANGES[0]

    def shape(self, name: str, sizes: Mapping[str, int]) -> list[int]:
        """Give an input's shape."""
        example = self.request.inputs[name]
        return [
            example.shape[axis] if symbol is None else sizes[symbol]
            for axis, symbol in enumerate(self.axes[name])
        ]

    def draw(self, sizes: Mapping[str, int], generator: torch.Generator) -> dict[str, Tensor]:
        """Draw all inputs that are no states."""
        return {
            name: self._one(name, self.shape(name, sizes), generator) for name in self.request.data
        }

    def _one(self, name: str, shape: list[int], generator: torch.Generator) -> Tensor:
        example = self.request.inputs[name]
        if example.dtype is torch.bool:
            return torch.randint(0, 2, shape, generator=generator).bool()
        if not example.is_floating_point():
            low, high = 0, self.limits.get(name, 0) - 1
            if high < 0:
                low, high = int(example.min()), int(example.max())
            return torch.randint(low, high + 1, shape, generator=generator).to(example.dtype)
        if self.range == "normal" and name not in self.request.bounded:
            return torch.randn(shape, generator=generator, dtype=torch.float32)
        unit = torch.rand(shape, generator=generator, dtype=torch.float32)
        if self.range == "unit" or name in self.request.bounded:
            return unit
        flat = example.flatten()
        picked = flat[torch.randint(0, flat.numel(), shape, generator=generator)]
        return picked * (0.5 + unit)
