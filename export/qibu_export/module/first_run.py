"""The first run of forward, on the examples: what it overwrites, and what it reads."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from qibu.core.errors import InputError

from .failures import forward_failed
from .request import Request
from .samples import IndexLimits


def first_run(model: nn.Module, request: Request) -> tuple[set[str], dict[str, int]]:
    """Run forward on the examples.

    Returns:
        The buffers that it overwrites, and how large the whole numbers of each input may be.

    Raises:
        InputError: forward fails, or keeps a tensor where no file carries it.
    """
    trial = copy.deepcopy(model)
    before = {name: (value, value._version) for name, value in trial.named_buffers()}
    attributes = _tensor_attributes(trial)
    mode = IndexLimits(request.inputs)
    try:
        with torch.no_grad(), mode:
            request.call(trial, request.inputs)
    except InputError:
        raise
    except Exception as error:
        raise forward_failed(error, "with the examples in inputs", request) from error
    for name, value in _tensor_attributes(trial).items():
        if value is not attributes.get(name):
            raise InputError(
                f"forward keeps a tensor in {name!r}, which no file carries: make it a buffer "
                f"(self.register_buffer({name.rpartition('.')[2]!r}, …) in __init__), or leave "
                "the state out where the layer is called; Qibu carries it"
            )
    written = {
        name
        for name, value in trial.named_buffers()
        if name not in before or value is not before[name][0] or value._version != before[name][1]
    }
    return written, mode.limits


def _tensor_attributes(model: nn.Module) -> dict[str, Any]:
    """Give the tensors, also in tuples, that stand in plain attributes."""
    return {
        f"{path}.{name}" if path else name: value
        for path, module in model.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, Tensor)
        or (isinstance(value, tuple) and any(isinstance(v, Tensor) for v in value))
    }
