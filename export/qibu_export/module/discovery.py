"""Finding what a module carries from step to step, by running it in several sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from qibu.core.errors import InputError

from .book import Book, follow
from .carrier import Carried, Carrier, Tensors
from .failures import NOT_FINITE, forward_failed
from .first_run import first_run
from .layers import stand_in
from .layouts import first_value, fits_layout, layouts
from .places import Observation, carried_places
from .request import BATCH, TIME, Axes, Request
from .samples import RANGES, Samples

# steps in the runs that are compared: not 1, and no number that sizes of layers are made of
TIMES = (5, 7)
BATCHES = (2, 3)


@dataclass(frozen=True)
class Plan:
    """The module with its states, and how to feed it."""

    carrier: Carrier
    exact: Carrier  # the same in float64, or as it is where forward insists on float32
    samples: Samples
    output_axes: Mapping[str, Axes]  # of the results


def discover(model: nn.Module, request: Request) -> Plan:
    """Find the states of a module.

    Args:
        model: a copy in eval mode; it is changed.
        request: what was asked for.

    Raises:
        InputError: forward fails, or carries what no file can.
    """
    written, limits = first_run(model, request)
    book = Book()
    stand_in(model, book)
    follow(model, book)
    carrier = Carrier(model, book, request)
    buffers = {name: value.clone() for name, value in model.named_buffers() if name in written}
    last: Exception | None = None
    for layout in layouts(request, buffers):
        samples = Samples(request, {**request.axes, **layout}, limits)
        try:
            runs = _observe(carrier, samples, buffers)
        except InputError:
            raise
        except Exception as error:  # forward is anybody's
            last = last or error
            continue
        if not fits_layout(runs, request, layout):
            continue
        states = [*_own_states(request, layout), *_buffer_states(buffers, layout)]
        if request.streaming:
            states += carried_places(model, runs, request)
        carrier.states = states if request.streaming else ()
        _check_states(carrier)
        sizes = {**request.sizes, **({BATCH: 1} if BATCH in request.sizes else {})}
        exact = _exact(carrier, samples.draw(sizes, torch.Generator().manual_seed(0)))
        return Plan(carrier, exact, samples, _output_axes(runs, request))
    if last is not None:
        raise forward_failed(last, "with other sizes of the free axes", request) from last
    raise InputError(
        "no axis of the states can be the batch: a state must come out with the shape with which "
        "it went in; say which axis it is with axes={'h': (None, 'batch', None)}"
    )


def _exact(carrier: Carrier, inputs: Tensors) -> Carrier:
    exact = carrier.exact()
    try:
        exact.run(inputs, exact.start(1))
    except Exception:  # forward makes float32 tensors of its own
        return carrier
    return exact


def _observe(
    carrier: Carrier, samples: Samples, buffers: Mapping[str, Tensor]
) -> list[Observation]:
    """Run in two batches and two times, and once more with other numbers."""
    request = carrier.request
    base = {name: max(size, 3) for name, size in request.sizes.items()}
    step = request.sizes.get(TIME, 1)
    cases = [(BATCHES[0], TIMES[0], 0), (BATCHES[0], TIMES[0], 1)]
    if BATCH in base:
        cases.append((BATCHES[1], TIMES[0], 2))
    if TIME in base:
        cases.append((BATCHES[0], TIMES[1], 3))
    runs: list[Observation] = []
    for kind in RANGES:
        samples.range = kind
        runs = []
        for batch, time, seed in cases:
            wanted = {BATCH: batch, TIME: time * step}
            sizes = {name: wanted.get(name, size) for name, size in base.items()}
            generator = torch.Generator().manual_seed(seed)
            values = samples.draw(sizes, generator)
            first = {name: first_value(request.inputs[name], samples.axes[name], sizes, generator)
                     for name in request.states}  # fmt: skip
            put = {
                name: first_value(value, samples.axes[name], sizes, generator)
                for name, value in buffers.items()
            }
            found, after, seen = carrier.observe({**values, **first}, put)
            runs.append(
                Observation(sizes, found, {**first, **put}, after, seen, carrier.book.calls)
            )
        if all(run.finite for run in runs):
            return runs
    raise InputError(NOT_FINITE)


def _own_states(request: Request, layout: Mapping[str, Axes]) -> list[Carried]:
    """Give the states that forward takes and returns itself."""
    return [
        _state(name, out, None, request.inputs[name], {**request.axes, **layout}[name])
        for name, out in request.states.items()
    ]


def _buffer_states(buffers: Tensors, layout: Mapping[str, Axes]) -> list[Carried]:
    """Give the buffers that forward overwrites."""
    states = []
    for name, value in buffers.items():
        plain = name.replace(".", "_")
        states.append(_state(f"{plain}_in", f"{plain}_out", name, value, layout[name]))
    return states


def _state(name: str, out: str, source: str | None, first: Tensor, axes: Axes) -> Carried:
    if BATCH in axes:
        axis = axes.index(BATCH)
        row = first.narrow(axis, 0, 1)
        if not torch.equal(first, row.expand_as(first)):
            raise InputError(
                f"the example of state {name!r} is its first value, the same for each of the "
                "batch; its rows differ: give one row"
            )
        first = row
    shape = tuple(n if s is None else s for n, s in zip(first.shape, axes, strict=True))
    return Carried(name, out, source, shape, first.clone())


def _check_states(carrier: Carrier) -> None:
    names = [*carrier.input_names, *carrier.output_names]
    doubled = [name for name in names if names.count(name) > 1]
    if doubled:
        raise InputError(
            f"{doubled[0]!r} is also the name of a state that Qibu carries; call yours otherwise"
        )
    if carrier.request.streaming and not carrier.states:
        raise InputError(
            "there is nothing to carry: no recurrent layer that starts from nothing, no causal "
            "convolution, no buffer that forward overwrites, no states=…; for a module that needs "
            "no memory write streaming=False"
        )


def _output_axes(runs: Sequence[Observation], request: Request) -> dict[str, Axes]:
    """Say which axes of the results follow batch and time."""
    first = runs[0]
    axes: dict[str, Axes] = {}
    for name in request.results:
        symbols: list[str | None] = [None] * first.outputs[name].dim()
        for other in runs[2:]:
            (changed,) = [s for s in first.sizes if first.sizes[s] != other.sizes[s]]
            for axis, size in enumerate(first.outputs[name].shape):
                if other.outputs[name].shape[axis] != size:
                    symbols[axis] = changed
        axes[name] = tuple(symbols)
    return axes
