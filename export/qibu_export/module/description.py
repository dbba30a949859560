"""What a file says of itself: the document of format 2."""

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from .carrier import Carried
from .discovery import Plan
from .request import BATCH, DTYPES, TIME, Axes
from .trace import write_array

FORMAT_VERSION = 2
KEY = "qibu"  # of metadata_props


def describe(
    model: nn.Module, plan: Plan, trace: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Give the document of a module's file.

    Args:
        model: as it was, for its parameters.
        plan: its states and axes.
        trace: its golden trace.
        more: further fields, such as `quality`; those that are None are left out.
    """
    request = plan.carrier.request
    ports = {
        name: _port(axes)
        for name, axes in {
            **{name: plan.samples.axes[name] for name in request.data},
            **plan.output_axes,
        }.items()
    }
    parameters = list(model.parameters())
    document: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "description": request.description or None,
        "streaming": request.streaming,
        "states": [_state(state) for state in plan.carrier.states],
        "ports": {name: port for name, port in ports.items() if port} or None,
        "weights_sha256": weights_digest(model),
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trace": trace,
        **more,
    }
    return {name: value for name, value in document.items() if value is not None}


def weights_digest(model: nn.Module) -> str:
    """Give the SHA-256 of a module's weights and buffers, by name and value."""
    digest = hashlib.sha256()
    weights = model.state_dict()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].detach().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _port(axes: Axes) -> dict[str, int]:
    known = {"time_axis": TIME, "batch_axis": BATCH}
    return {field: axes.index(symbol) for field, symbol in known.items() if symbol in axes}


def _state(state: Carried) -> dict[str, Any]:
    shape = [size if isinstance(size, int) else None for size in state.shape]
    starts = [
        state.initial.shape[axis]
        for axis, size in enumerate(state.shape)
        if isinstance(size, str) and size != BATCH
    ]
    values = state.initial.contiguous()
    same = values.numel() == 0 or bool((values == values.flatten()[0]).all())
    initial: Any
    if same and values.dtype is not torch.bool:
        initial = values.flatten()[0].item() if values.numel() else 0.0
    else:
        initial = write_array(values.numpy())
    return {
        "input": state.input,
        "output": state.output,
        "dtype": DTYPES[state.initial.dtype],
        "shape": shape,
        "batch_axis": state.batch_axis,
        "start": starts[0] if len(set(starts)) == 1 else starts or 0,
        "initial": initial,
    }
