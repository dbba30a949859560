"""Holding what a file says of itself against its graph."""

from collections.abc import Sequence
from typing import Any

from .applications import Application
from .errors import ModelFileError
from .model_file import ModelSpec
from .port import Port, StatePair


def read_part(
    spec: ModelSpec,
    application: Application | None,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
) -> Any:
    """Hold the metadata against the graph; give what the application reads of its own part.

    Raises:
        ModelFileError: they contradict each other.
    """
    ins, outs = {p.name: p for p in inputs}, {p.name: p for p in outputs}
    for kind, ports, carried, wanted in (
        ("input", ins, {p.input for p in spec.states}, application and application.inputs),
        ("output", outs, {p.output for p in spec.states}, application and application.outputs),
    ):
        names = {*wanted, *carried} if wanted else {*ports, *carried}
        if names != set(ports):
            raise ModelFileError(
                f"metadata contradicts the graph: {kind}s should be {', '.join(sorted(names))}, "
                f"the graph has {', '.join(sorted(ports))}"
            )
    for pair in spec.states:
        for port in (ins[pair.input], outs[pair.output]):
            if port.dtype != pair.dtype or not _agrees(port.shape, pair):
                raise ModelFileError(
                    f"metadata contradicts the graph: state {pair.input!r} should be "
                    f"{list(pair.shape)} {pair.dtype}, the graph has {port}"
                )
    odd = set(spec.defaults) - set(ins) or set(spec.ports) - {*ins, *outs}
    if odd:
        raise ModelFileError(
            f"metadata contradicts the graph: it has no input or output {min(odd)!r}"
        )
    for name, note in spec.ports.items():
        port = ins.get(name) or outs[name]
        for axis in (note.time_axis, note.batch_axis):
            if axis is not None and axis >= len(port.axes):
                raise ModelFileError(f"metadata contradicts the graph: {port} has no axis {axis}")
    if application is None or application.read_part is None:
        return None
    return application.read_part(spec, ins, outs)


def _agrees(shape: tuple[int | None, ...], pair: StatePair) -> bool:
    """Say whether a port may carry a state; what comes out of a cache may be any length."""
    return len(shape) == len(pair.shape) and all(
        size == wanted or size is None for size, wanted in zip(shape, pair.shape, strict=True)
    )
