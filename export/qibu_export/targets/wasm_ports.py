"""What JavaScript is told of a compiled step: its inputs and outputs, and the array of each."""

from collections.abc import Iterable, Mapping, Sequence

from qibu.core.errors import ModelFileError
from qibu.core.port import Port
from qibu.core.stepper import Stepper

from .c.c_step import CPort, CStep


def arrays_of(step: CStep) -> Sequence[CPort]:
    """Give the arrays of a step: those of its graph, then what only the model file's graph has."""
    found = [*step.graph_inputs, *step.graph_outputs]
    there = {port.name for port in found}
    stepper = step.stepper
    for port in (*stepper.inputs.values(), *stepper.outputs.values()):
        if port.name not in there:
            shape = tuple(1 if size is None else size for size in port.shape)
            found.append(CPort(port.name, port.name, str(port.dtype), shape))
    return found


def describe(stepper: Stepper, arrays: Sequence[CPort]) -> Mapping[str, object]:
    """Say of the model file's inputs and outputs what their axes are, and where they lie.

    Raises:
        ModelFileError: an axis is free besides batch and time, of an output besides the batch.
    """
    identifiers = {array.name: array.identifier for array in arrays}
    session = stepper.session
    return {
        kind: [_describe(stepper, port, identifiers[port.name]) for port in map(Port.of, values)]
        for kind, values in (("inputs", session.get_inputs()), ("outputs", session.get_outputs()))
    }


def _describe(stepper: Stepper, port: Port, identifier: str) -> Mapping[str, object]:
    batch, time = _axes(stepper, port)
    if {axis for axis, size in enumerate(port.shape) if size is None} - {batch, time}:
        raise ModelFileError(
            f"no WebAssembly can be made of port {port}: an axis is free besides batch and time"
        )
    return {
        "name": port.name,
        "type": port.dtype,
        "axes": port.axes,
        "batch": batch,
        "time": time,
        "array": identifier,
    }


def _axes(stepper: Stepper, port: Port) -> tuple[int | None, int | None]:
    """Give the batch axis, and that of time: only inputs have one, at 1 behind the batch."""
    for pair in stepper.pairs:
        if port.name in (pair.input, pair.output):
            return pair.batch_axis, None
    note = stepper.spec.ports.get(port.name) if stepper.spec else None
    if port.name in stepper.outputs:
        return (0 if note and note.batch_axis == 0 else None), None
    batch = stepper.batch_axes.get(port.name)
    if batch != 0:
        return None, None
    return batch, (1 if note and note.time_axis == 1 else None)


def declared(arrays: Iterable[CPort]) -> str:
    """Declare the arrays in C."""
    return "\n".join(f"{port.c_type} {port.identifier}{port.sizes};" for port in arrays)
