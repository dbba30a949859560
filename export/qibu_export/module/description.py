"""What a file says of itself: the spec that the runtime reads."""

import hashlib
from collections.abc import Mapping
from math import isfinite

from torch import Tensor, nn

from qibu.core.arrays import Array
from qibu.core.model_file import ModelSpec, PortNote
from qibu.core.port import StatePair

from .carrier import Carried
from .discovery import Plan
from .request import BATCH, DTYPES, TIME, Axes


def module_spec(model: nn.Module, plan: Plan) -> ModelSpec:
    """Give what a module's file says of itself; trace and figures come when they are known.

    Args:
        model: as it was, for its parameters.
        plan: its states and axes.
    """
    request = plan.carrier.request
    inputs = {name: plan.samples.axes[name] for name in request.data}
    ports = {name: _port(axes) for name, axes in {**inputs, **plan.output_axes}.items()}
    return ModelSpec(
        states=tuple(_state(state) for state in plan.carrier.states),
        streaming=request.streaming,
        description=request.description,
        ports={name: note for name, note in ports.items() if note != PortNote()},
        weights_sha256=weights_digest(model.state_dict()),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
    )


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """Give the SHA-256 of a module's weights and buffers, by name and value."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        values = weights[name].detach().cpu().numpy()
        digest.update(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _port(axes: Axes) -> PortNote:
    return PortNote(
        time_axis=axes.index(TIME) if TIME in axes else None,
        batch_axis=axes.index(BATCH) if BATCH in axes else None,
    )


def _state(state: Carried) -> StatePair:
    starts = tuple(
        state.initial.shape[axis]
        for axis, size in enumerate(state.shape)
        if isinstance(size, str) and size != BATCH
    )
    return StatePair(
        state.input,
        state.output,
        tuple(size if isinstance(size, int) else None for size in state.shape),
        dtype=DTYPES[state.initial.dtype],
        batch_axis=state.batch_axis,
        start=starts if len(set(starts)) > 1 else starts[0] if starts else 0,
        initial=_initial(state.initial.contiguous().numpy()),
    )


def _initial(values: Array) -> float | Array:
    """Give one number for all values, but not what is no number to JSON: infinity, true, NaN."""
    if not values.size:
        return 0.0
    first: float = values.flat[0].item()
    alike = values.dtype != bool and isfinite(first) and bool((values == first).all())
    return first if alike else values
