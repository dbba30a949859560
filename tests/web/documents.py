"""What model files might say of themselves, right and wrong, for two languages to judge alike."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from qibu.core.errors import ModelFileError
from qibu.core.model_file import ModelSpec
from qibu.core.packed import pack
from qibu.core.schema import check_schema, read_schema

ARRAY = pack(np.array([1, 2, 3], np.float32))
STATE = {
    "input": "h",
    "output": "h_out",
    "dtype": "float32",
    "shape": [2, None, 3],
    "batch_axis": 1,
}
GOOD: Mapping[str, Any] = {"format_version": 2, "streaming": True, "states": [STATE]}
OLD: Mapping[str, Any] = {
    "format_version": 1,
    "task": "digits",
    "cell": "gru",
    "num_layers": 2,
    "hidden_size": 3,
    "streaming": True,
    "states": [{"input": "h_in", "output": "h_out", "shape": [2, None, 3], "initial": 0.0}],
    "weights_sha256": "a" * 64,
    "vocabulary": None,
}
TRACE = {"tolerance": 1e-5, "steps": [{"inputs": {"x": ARRAY}, "outputs": {"y": ARRAY}}]}
RECURRENT = {"cell": "gru", "num_layers": 1, "hidden_size": 4}
PICTURE = {"height": 17, "width": 12, "preparation": "scale", "background": 0.5}
NAMES = {"controls": ["<unk>"], "characters": "春", "simplified": "春"}


def _state(**changed: Any) -> Mapping[str, Any]:
    return {**GOOD, "states": [{**STATE, **changed}]}


def _old_state(**changed: Any) -> Mapping[str, Any]:
    return {**OLD, "states": [{**OLD["states"][0], **changed}]}


DOCUMENTS: Mapping[str, Any] = {
    "the least": GOOD,
    "whole sequences": {"format_version": 2, "streaming": False, "states": []},
    "unknown fields": {**GOOD, "made_by": "x", "states": [{**STATE, "colour": [1]}]},
    "a task": {**GOOD, "task": "sensor", "sensor": {"unit": "°C"}},
    "a task without a part": {**GOOD, "task": "sensor"},
    "a task named as an object's own": {**GOOD, "task": "constructor"},
    "everything": {
        **GOOD,
        "description": "七步",
        "task": None,
        "ports": {"x": {"unit": "m/s", "labels": ["a", "b"], "time_axis": 1, "batch_axis": 0}},
        "defaults": {"x": 0.25},
        "weights_sha256": "0" * 64,
        "parameters": 12,
        "quantization": "int8",
        "training": {"epochs": 3},
        "quality": {"accuracy": 0.5},
        "trace": {**TRACE, "states": {"h_out": {**ARRAY, "shape": [6], "every": 2}}},
    },
    "initial": _state(initial=-1.5, start=3),
    "initial array": _state(initial=ARRAY),
    "lengths for each": _state(shape=[None, None, 3, None], start=[1, 4]),
    "too many lengths": _state(start=[1, 4]),
    "a length below 0": _state(shape=[None, None, 3], start=[-1]),
    "task of a field's name": {**GOOD, "task": "streaming"},
    "scalar state": _state(shape=[], batch_axis=None),
    "format 1": OLD,
    "format 1, text": {**OLD, "task": "text", "vocabulary": NAMES},
    "format 1 without a task": {k: v for k, v in OLD.items() if k != "task"},
    "format 1 without states": {k: v for k, v in OLD.items() if k != "states"},
    "format 1 without a shape": {**OLD, "states": [{"input": "h", "output": "g"}]},
    "format 1 without a free axis": _old_state(shape=[2, 1, 3]),
    "format 1, shape of texts": _old_state(shape=["2", None, 3]),
    "format 1, not streaming": {**OLD, "streaming": False},
    "no object": [1, 2],
    "no version": {"streaming": True},
    "version 0": {**GOOD, "format_version": 0},
    "version as text": {**GOOD, "format_version": "2"},
    "version true": {**GOOD, "format_version": True},
    "a newer version": {"format_version": 3},
    "no states": {"format_version": 2, "streaming": True},
    "states are no list": {**GOOD, "states": {"h": 1}},
    "a state is no object": {**GOOD, "states": [[1, 2.5, None, True, "x", {"a": "七"}]]},
    "a state lacks its output": {**GOOD, "states": [{"input": "h"}]},
    "empty name": _state(input=""),
    "long name": _state(input="步" * 513),
    "unknown type": _state(dtype="string"),
    "negative size": _state(shape=[-1]),
    "large size": _state(shape=[2**31]),
    "size as a fraction": _state(shape=[0.5]),
    "size true": _state(shape=[True]),
    "many axes": _state(shape=[1] * 33),
    "batch axis as text": _state(batch_axis="1"),
    "batch axis that isn't free": _state(batch_axis=0),
    "batch axis beyond": _state(batch_axis=3),
    "start below 0": _state(start=-1),
    "initial as text": _state(initial="0"),
    "initial infinite": json.dumps(_state(initial=0)).replace('"initial": 0', '"initial": 1e999'),
    "initial array that doesn't fit": _state(initial=pack(np.zeros((2, 2), np.float32))),
    "initial array of more axes": _state(initial=pack(np.zeros((1, 2, 1, 3), np.float32))),
    "initial array in part": _state(initial={**ARRAY, "shape": [6], "every": 2}),
    "initial array cut short": _state(initial={**ARRAY, "shape": [4]}),
    "initial array too long": _state(initial={**ARRAY, "shape": [0]}),
    "initial array of endless size": _state(initial={**ARRAY, "shape": [2147483647] * 9}),
    "initial array no base64": _state(initial={**ARRAY, "data": "!!"}),
    "streaming without states": {**GOOD, "states": []},
    "states without streaming": {**GOOD, "streaming": False},
    "streaming as a number": {**GOOD, "streaming": 1},
    "an input twice": {**GOOD, "states": [STATE, {**STATE, "output": "g_out"}]},
    "an output twice": {**GOOD, "states": [STATE, {**STATE, "input": "g"}]},
    "task with a space": {**GOOD, "task": "my task"},
    "task with a line break": {**GOOD, "task": "text\n"},
    "part is no object": {**GOOD, "task": "sensor", "sensor": 5},
    "description as a number": {**GOOD, "description": 5},
    "description is long": {**GOOD, "description": "七" * 4097},
    "a port is no object": {**GOOD, "ports": {"x": 3}},
    "a port's labels": {**GOOD, "ports": {"x": {"labels": ["a", 1]}}},
    "a default is no number": {**GOOD, "defaults": {"x": "1"}},
    "a digest in capitals": {**GOOD, "weights_sha256": "A" * 64},
    "parameters below 0": {**GOOD, "parameters": -1},
    "a trace without steps": {**GOOD, "trace": {"tolerance": 1, "steps": []}},
    "a trace without tolerance": {**GOOD, "trace": {"steps": TRACE["steps"]}},
    "a trace below 0": {**GOOD, "trace": {**TRACE, "tolerance": -0.5}},
    "a trace's array": {
        **GOOD,
        "trace": {"tolerance": 1, "steps": [{"inputs": {"x": {}}, "outputs": {}}]},
    },
    "a trace's array cut short": {
        **GOOD,
        "trace": {**TRACE, "states": {"h_out": {**ARRAY, "shape": [9], "every": 2}}},
    },
}

FORMATS = Path(__file__).parents[1] / "core" / "formats"

# values and the schema of the part that they are
PARTS: Mapping[str, tuple[str, Any]] = {
    "digits": ("digits", RECURRENT),
    "digits with preprocessing": ("digits", {**RECURRENT, "preprocessing": {"rows": "ink 0..1"}}),
    "digits of own pictures": ("digits", {**RECURRENT, "picture": PICTURE}),
    "pictures without a height": ("digits", {**RECURRENT, "picture": {"width": 3}}),
    "pictures of no height": ("digits", {**RECURRENT, "picture": {**PICTURE, "height": 0}}),
    "pictures prepared otherwise": (
        "digits",
        {**RECURRENT, "picture": {**PICTURE, "preparation": "crop"}},
    ),
    "a background beyond white": ("digits", {**RECURRENT, "picture": {**PICTURE, "background": 2}}),
    "digits without layers": ("digits", {"cell": "gru", "hidden_size": 4}),
    "digits of no layers": ("digits", {**RECURRENT, "num_layers": 0}),
    "digits of too many": ("digits", {**RECURRENT, "hidden_size": 1048577}),
    "preprocessing of numbers": ("digits", {**RECURRENT, "preprocessing": {"rows": 1}}),
    "text": ("text", {**RECURRENT, "vocabulary": NAMES}),
    "text without a vocabulary": ("text", RECURRENT),
    "text without simplified": (
        "text",
        {**RECURRENT, "vocabulary": {"controls": [], "characters": ""}},
    ),
    "text with numbers": ("text", {**RECURRENT, "vocabulary": {**NAMES, "controls": [5]}}),
    "text is a list": ("text", [RECURRENT]),
}
_PACKAGES = {"digits": "qibu.pictures", "text": "qibu.text"}


def judged() -> list[dict[str, Any]]:
    """Give each document with what Python says of it."""
    found = []
    kept = {path.name: path.read_text("utf-8") for path in sorted(FORMATS.glob("*.json"))}
    for name, document in {**DOCUMENTS, **kept}.items():
        text = document if isinstance(document, str) else json.dumps(document)
        verdict: dict[str, Any]
        try:
            spec = ModelSpec.from_json(text)
        except ModelFileError as error:
            verdict = {"error": str(error)}
        else:
            verdict = {"spec": _shown(spec)}
        found.append({"name": name, "text": text, **verdict})
    return found


def _shown(spec: ModelSpec) -> dict[str, Any]:
    """Give what a spec says that was not said, or said in another format."""
    return {
        "format_version": spec.format_version,
        "task": spec.task,
        "part": spec.part,
        "description": spec.description,
        "states": [
            [p.input, p.output, list(p.shape), p.dtype, p.batch_axis, p.start, p.grows]
            for p in spec.states
        ],
        "first": [pair.initial_array(2).ravel().tolist() for pair in spec.states],
        "ports": {
            name: [n.description, n.unit, list(n.labels), n.time_axis, n.batch_axis]
            for name, n in spec.ports.items()
        },
        "defaults": spec.defaults,
        "steps": 0 if spec.trace is None else len(spec.trace.steps),
    }


def judged_parts() -> list[dict[str, Any]]:
    """Give each part with what Python says of it."""
    found = []
    for name, (kind, value) in PARTS.items():
        try:
            check_schema(
                value, read_schema(_PACKAGES[kind], f"{kind}.schema.json"), f"'qibu'.{kind}"
            )
        except ModelFileError as error:
            found.append({"name": name, "kind": kind, "value": value, "error": str(error)})
        else:
            found.append({"name": name, "kind": kind, "value": value, "error": None})
    return found
