"""What a model file tells without being run: the one account of it, which all faces show."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import InputError, ModelFileError
from .identity import ModelIdentity
from .model_file import KEY, ModelSpec
from .onnx_file import OnnxFile
from .pairing import find_pairs
from .port import Port, StatePair

LONGEST = 60  # a text or list of the record that is longer is told by its length


def describe(
    file: OnnxFile,
    size: int,
    *,
    states: Mapping[str, str] | None = None,
    axes: Mapping[str, Sequence[str | int | None]] | None = None,
) -> dict[str, Any]:
    """Give what a file says of itself, or what the names in its graph tell.

    Args:
        file: what was read of it.
        size: its bytes, side files included.
        states: {input: output}, as `Stepper` takes them.
        axes: as `Stepper` takes them.

    Returns:
        bytes, producer, opset, weights (numbers stored), operators (name: count), side_files,
        states (input, output, shape with "any" where free, type, batch_axis, start), inputs and
        outputs (name, type, shape, and what the file notes), no_state (why none was found, or ""),
        qibu (the file's own document without its states and trace, long values told by their
        length; None where there is none).

    Raises:
        ModelFileError: the metadata is broken.
        InputError: `states` or `axes` names what the graph lacks.
    """
    document = file.metadata.get(KEY)
    spec = None if document is None else ModelSpec.from_json(document)
    pairs: tuple[StatePair, ...] = ()
    trouble = ""
    if spec is not None and states is None:
        pairs = spec.states
    else:
        try:
            pairs = find_pairs(file.inputs, file.outputs, states, axes)
        except ModelFileError as error:
            trouble = str(error)
    carried = {name for pair in pairs for name in (pair.input, pair.output)}
    return {
        "bytes": size,
        "producer": file.producer,
        "opset": file.opset,
        "weights": file.weights,
        "operators": dict(file.operators.most_common()),
        "side_files": sorted(file.side_files),
        "states": [_pair(pair) for pair in pairs],
        **{
            kind: [_port(port, spec) for port in ports if port.name not in carried]
            for kind, ports in (("inputs", file.inputs), ("outputs", file.outputs))
        },
        "no_state": trouble,
        "qibu": None if spec is None else _record(spec),
    }


def describe_path(
    path: Path,
    *,
    states: Mapping[str, str] | None = None,
    axes: Mapping[str, Sequence[str | int | None]] | None = None,
) -> dict[str, Any]:
    """Give what `describe` does of a file on the disk, and the command that steps it.

    Raises:
        ModelFileError: it is no ONNX model in the standard format, or its metadata is broken.
        InputError: as in `describe`.
    """
    if not path.is_file():
        raise ModelFileError(f"no model file {str(path)!r}")
    identity = ModelIdentity(path)
    if identity.content is None:
        raise ModelFileError(
            f"{path} is in onnxruntime's own format, which says little of itself; "
            "inspect the .onnx file that it was made of"
        )
    try:
        found = describe(identity.content, identity.bytes, states=states, axes=axes)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
    return {"file": str(path), **found, "step": step_command(path, found, states)}


def step_command(
    path: Path, description: Mapping[str, Any], states: Mapping[str, str] | None
) -> str | None:
    """Give the command line that runs a file over a recording; None: it has no states."""
    if not description["states"]:
        return None
    words = ["qibu", "step", str(path)]
    if states:
        words += ["--states", *(f"{into}={out}" for into, out in states.items())]
    defaults = (description["qibu"] or {}).get("defaults", {})
    wanted = [port for port in description["inputs"] if port["name"] not in defaults]
    recorded = [port for port in wanted if port["shape"]]
    for port in recorded:
        named = "" if len(recorded) == 1 else f"{port['name']}="
        words += ["--input", f"{named}{port['name']}.npy"]
    for port in wanted:
        if not port["shape"]:
            words += ["--set", f"{port['name']}=0"]
    return _joined(words)


def _joined(words: Sequence[str]) -> str:
    """Give the words as this system's shell wants them."""
    if sys.platform == "win32":
        from subprocess import list2cmdline  # Windows's shell knows no single quotes

        return list2cmdline(words)
    return shlex.join(words)


def parse_states(arguments: Sequence[str] | None) -> dict[str, str] | None:
    """Read `--states in=out …`; None where none is given.

    Raises:
        InputError: one has no `=`.
    """
    if not arguments:
        return None
    states = {}
    for argument in arguments:
        into, equals, out = argument.partition("=")
        if not (equals and into and out):
            raise InputError(f"--states takes INPUT=OUTPUT, got {argument!r}")
        states[into] = out
    return states


def _sizes(axes: Sequence[int | str | None]) -> list[int | str]:
    return ["any" if axis is None else axis for axis in axes]


def _pair(pair: StatePair) -> dict[str, Any]:
    return {
        "input": pair.input,
        "output": pair.output,
        "shape": [
            size if size is not None else "batch" if axis == pair.batch_axis else "any"
            for axis, size in enumerate(pair.shape)
        ],
        "type": pair.dtype,
        "batch_axis": pair.batch_axis,
        "start": pair.start if isinstance(pair.start, int) else list(pair.start),
    }


def _port(port: Port, spec: ModelSpec | None) -> dict[str, Any]:
    told = {"name": port.name, "type": port.type, "shape": _sizes(port.axes)}
    note = spec.ports.get(port.name) if spec else None
    if note is not None:
        known = {"description": note.description, "unit": note.unit, "labels": list(note.labels)}
        told |= {name: value for name, value in known.items() if value}
    return told


def _record(spec: ModelSpec) -> dict[str, Any]:
    part = {} if spec.task is None else {spec.task: _shortened(spec.part)}
    trace = {} if spec.trace is None else {"trace": f"{len(spec.trace.steps)} steps"}
    return {
        "format_version": spec.format_version,
        "task": spec.task,
        "description": spec.description,
        "streaming": spec.streaming,
        "weights_sha256": spec.weights_sha256,
        "parameters": spec.parameters,
        "quantization": spec.quantization,
        "defaults": dict(spec.defaults),
        **part,
        **trace,
        "training": dict(spec.training),
        "quality": dict(spec.quality),
    }


def _shortened(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _shortened(item) for name, item in value.items()}
    if isinstance(value, str | list) and len(value) > LONGEST:
        return f"{len(value):,} {'characters' if isinstance(value, str) else 'entries'}"
    return value
