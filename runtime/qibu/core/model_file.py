"""What a model file says of itself: one JSON document under one metadata key.

`model_file.schema.json` describes the document; it is checked by that schema when it is read.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .arrays import Array
from .errors import ModelFileError
from .format_1 import upgrade_format_1
from .packed import Packed, pack, unpack
from .port import StatePair
from .schema import check_schema, read_schema

KEY = "qibu"
FORMAT_VERSION = 2
LONGEST = 64_000_000  # characters of a document
TRACE_BYTES = 64_000  # of a golden trace as it stands in the document

Step = Mapping[str, Mapping[str, Packed]]  # "inputs" and "outputs" by name


@dataclass(frozen=True)
class PortNote:
    """What is known of an input or output beyond its type and sizes."""

    description: str = ""
    unit: str = ""
    labels: tuple[str, ...] = ()  # of the places along the last axis
    time_axis: int | None = None
    batch_axis: int | None = None


@dataclass(frozen=True)
class GoldenTrace:
    """A file's own test: what went in from the initial state of one sequence, and what came out."""

    steps: tuple[Step, ...]
    states: Mapping[str, Packed]  # after the last step, by output name
    tolerance: float  # of values up to 1, and as a share of larger ones


@dataclass(frozen=True)
class ModelSpec:
    """Everything that a model file carries besides its graph."""

    states: tuple[StatePair, ...]
    streaming: bool = True  # False: whole sequences only
    task: str | None = None  # the application that it was made for; None: somebody's own
    part: Mapping[str, Any] = field(default_factory=dict)  # the task's own part of the document
    description: str = ""
    ports: Mapping[str, PortNote] = field(default_factory=dict)
    defaults: Mapping[str, float] = field(default_factory=dict)  # inputs that may be left out
    weights_sha256: str | None = None  # of the float32 weights, also when quantised afterwards
    parameters: int | None = None  # trained numbers
    quantization: str | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    trace: GoldenTrace | None = None
    format_version: int = FORMAT_VERSION  # of the file that was read

    def to_json(self) -> str:
        """Give the document that stands in the model file, always in the newest format."""
        document: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            "description": self.description,
            "task": self.task,
            "streaming": self.streaming,
            "states": [_state_document(pair) for pair in self.states],
            "ports": {name: _without_defaults(note) for name, note in self.ports.items()},
            "defaults": dict(self.defaults),
            "weights_sha256": self.weights_sha256,
            "parameters": self.parameters,
            "quantization": self.quantization,
            "training": self.training,
            "quality": self.quality,
        }
        if self.trace is not None:
            document["trace"] = _trace_document(self.trace)
        if self.task is not None:
            document[self.task] = self.part
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "ModelSpec":
        """Read the document; fields that this version doesn't know are passed over.

        Raises:
            ModelFileError: it isn't JSON, is of a newer format, or lacks or contradicts itself.
        """
        document = _read(text)
        version = document.get("format_version")
        if version == 1:
            document = upgrade_format_1(document)
        check_schema(document, read_schema(__package__, "model_file.schema.json"), repr(KEY))
        task = document.get("task")
        part = document.get(task, {}) if task else {}
        if not isinstance(part, dict):
            raise ModelFileError(f"{KEY!r}.{task} must be object, got {str(part)[:60]}")
        spec = cls(
            states=tuple(_state(s, f"{KEY!r}.states") for s in document["states"]),
            streaming=document["streaming"],
            task=task,
            part=part,
            description=document.get("description", ""),
            ports={
                name: PortNote(
                    **{**_known(PortNote, note), "labels": tuple(note.get("labels", ()))}
                )
                for name, note in document.get("ports", {}).items()
            },
            defaults=document.get("defaults", {}),
            weights_sha256=document.get("weights_sha256"),
            parameters=document.get("parameters"),
            quantization=document.get("quantization"),
            training=document.get("training", {}),
            quality=document.get("quality", {}),
            trace=_trace(document["trace"]) if "trace" in document else None,
            format_version=int(version or FORMAT_VERSION),
        )
        spec.check()
        return spec

    def check(self) -> None:
        """Check what needs no graph.

        Raises:
            ModelFileError: two values contradict each other.
        """
        if self.task in (taken := read_schema(__package__, "model_file.schema.json")["properties"]):
            raise ModelFileError(
                f"task {self.task!r} is the name of a field of the document's own; choose one "
                f"besides {', '.join(taken)}"
            )
        if self.streaming != bool(self.states):
            raise ModelFileError(
                f"streaming {self.streaming} contradicts {len(self.states)} states"
            )
        for kind, names in (
            ("input", [pair.input for pair in self.states]),
            ("output", [pair.output for pair in self.states]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ModelFileError(f"states names {kind} {min(twice)!r} twice")
        for pair in self.states:
            if pair.batch_axis is not None and (
                pair.batch_axis >= len(pair.shape) or pair.shape[pair.batch_axis] is not None
            ):
                raise ModelFileError(
                    f"state {pair.input!r} has no free axis {pair.batch_axis} for its batch: "
                    f"its shape is {_sizes(pair.shape)}"
                )
            if not isinstance(pair.start, int) and len(pair.start) != len(pair.growing_axes):
                raise ModelFileError(
                    f"state {pair.input!r} has {len(pair.start)} lengths to begin with, "
                    f"its shape {_sizes(pair.shape)} takes {len(pair.growing_axes)}"
                )
            if not isinstance(pair.initial, int | float):
                wanted = pair.shape_for(1)
                shape = pair.initial.shape
                fits = len(shape) <= len(wanted) and all(
                    size in (1, want) for size, want in zip(shape[::-1], wanted[::-1], strict=False)
                )
                if not fits:
                    raise ModelFileError(
                        f"state {pair.input!r} has an initial array {list(shape)}, "
                        f"which can't be broadcast to {_sizes(pair.shape)}"
                    )


def _sizes(shape: tuple[int | None, ...]) -> str:
    return json.dumps(shape)


def _read(text: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise ModelFileError(f"{KEY!r} metadata has {len(text):,} characters, at most {LONGEST:,}")

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no JSON number")

    try:
        document = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{KEY!r} metadata isn't JSON: {error}") from error
    if not isinstance(document, dict):
        raise ModelFileError(f"{KEY!r} metadata must be a JSON object, got {text[:40]!r}")
    version = document.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ModelFileError(
            f"{KEY!r} metadata has format_version {version!r}, want 1..{FORMAT_VERSION}"
        )
    if version > FORMAT_VERSION:
        raise ModelFileError(
            f"the file has format version {version}, this Qibu reads up to {FORMAT_VERSION}: "
            "pip install --upgrade qibu"
        )
    return document


def _known(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in kind.__dataclass_fields__ if name in values}  # type: ignore[attr-defined]


def _state(values: Mapping[str, Any], where: str) -> StatePair:
    known = {"batch_axis": None, **_known(StatePair, values)}
    if isinstance(known.get("initial"), dict):
        known["initial"] = unpack(known["initial"], f"{where}.initial").array()
    start = known.get("start", 0)
    known |= {
        "shape": tuple(known["shape"]),
        "start": tuple(start) if isinstance(start, list) else start,
    }
    return StatePair(**known)


def _state_document(pair: StatePair) -> dict[str, Any]:
    initial: float | Array = pair.initial
    return {
        "input": pair.input,
        "output": pair.output,
        "dtype": pair.dtype,
        "shape": list(pair.shape),
        "batch_axis": pair.batch_axis,
        "start": pair.start if isinstance(pair.start, int) else list(pair.start),
        "initial": initial if isinstance(initial, int | float) else pack(initial),
    }


def _without_defaults(note: PortNote) -> dict[str, Any]:
    return {name: value for name, value in asdict(note).items() if value not in ("", (), None)}


def _trace(values: Mapping[str, Any]) -> GoldenTrace:
    where = f"{KEY!r}.trace"

    def arrays(of: Mapping[str, Any]) -> dict[str, Packed]:
        return {name: unpack(array, f"{where}.{name}") for name, array in of.items()}

    return GoldenTrace(
        steps=tuple(
            {kind: arrays(step[kind]) for kind in ("inputs", "outputs")} for step in values["steps"]
        ),
        states=arrays(values.get("states", {})),
        tolerance=values["tolerance"],
    )


def _trace_document(trace: GoldenTrace) -> dict[str, Any]:
    def arrays(of: Mapping[str, Packed]) -> dict[str, Any]:
        return {name: _packed_document(packed) for name, packed in of.items()}

    document = {
        "tolerance": trace.tolerance,
        "steps": [{kind: arrays(step[kind]) for kind in step} for step in trace.steps],
        "states": arrays(trace.states),
    }
    size = len(json.dumps(document, separators=(",", ":")))
    if size > TRACE_BYTES:
        raise ModelFileError(f"the golden trace has {size:,} bytes, at most {TRACE_BYTES:,}")
    return document


def _packed_document(packed: Packed) -> dict[str, Any]:
    document = pack(packed.values)
    document["shape"] = list(packed.shape)
    return document if packed.every == 1 else {**document, "every": packed.every}
