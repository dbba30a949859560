"""Mistakes with files of somebody's own; JavaScript makes them under the same names."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from stranger_files import FLOAT, value, write

import qibu
from qibu.core.applications import Application, register
from qibu.core.golden_trace import check_own_trace
from qibu.core.model_file import ModelSpec, PortNote
from qibu.core.port import StatePair

PAIR = StatePair("h", "h_out", (None, 3))
RECURRENT = {"cell": "gru", "num_layers": 1, "hidden_size": 3}

# what is said of a graph x, h → y, h_out with three numbers in each row, and is wrong
CONTRADICTIONS: Mapping[str, ModelSpec] = {
    "another state": ModelSpec((StatePair("g", "h_out", (None, 3)),)),
    "another output": ModelSpec((StatePair("h", "g_out", (None, 3)),)),
    "another size": ModelSpec((StatePair("h", "h_out", (None, 4)),)),
    "another rank": ModelSpec((StatePair("h", "h_out", (None, 3, 1), batch_axis=0),)),
    "another type": ModelSpec((StatePair("h", "h_out", (None, 3), "float64"),)),
    "default of nothing": ModelSpec((PAIR,), defaults={"z": 1}),
    "note on nothing": ModelSpec((PAIR,), ports={"z": PortNote("nothing")}),
    "time axis beyond": ModelSpec((PAIR,), ports={"x": PortNote(time_axis=2)}),
    "no digits": ModelSpec((PAIR,), task="digits", part=RECURRENT),
    "no text": ModelSpec((PAIR,), task="text", part=RECURRENT),
}


def write_contradictions(folder: Path) -> None:
    """Write a file for each, and one of digits whose part is broken."""
    from onnx import helper

    def file(name: str, x: str, y: str, spec: ModelSpec) -> None:
        nodes = [
            helper.make_node("Add", ["h", x], ["h_out"]),
            helper.make_node("Neg", ["h_out"], [y]),
        ]
        ins = [value(x, ["batch", 3], FLOAT), value("h", ["batch", 3])]
        outs = [value(y, ["batch", 3]), value("h_out", ["batch", 3])]
        write(folder / f"bad-{name.replace(' ', '-')}.onnx", nodes, ins, outs, None, spec)

    for name, spec in CONTRADICTIONS.items():
        file(name, "x", "y", spec)
    for name, part in (("broken part", {}), ("another shape", RECURRENT)):
        file(name, "rows", "probabilities", ModelSpec((PAIR,), task="digits", part=part))


def sealed(content: bytes) -> bytes:
    return content + hashlib.sha256(content).digest()[:8]


def mistakes(folder: Path) -> Mapping[str, Callable[[], object]]:
    """Give mistakes by name; each is one call."""
    cache, begun, gru, refusing, plain = (
        qibu.Stepper(folder / f"{name}.onnx", states=states)
        for name, states in (
            *((name, None) for name in ("cache", "begun", "gru")),
            ("refusing", {"h": "h_out"}),
            ("types", {f"s_{name}": f"t_{name}" for name in ("float32", "int64", "bool")}),
        )
    )
    row = np.ones((1, 2), np.float32)
    once = cache.step({"x": row}, cache.initial_state())[1]
    twice = cache.step({"x": row}, once)[1]
    data = once.to_bytes()

    def feed(name: str, given: object) -> object:
        return plain.step({f"in_{name}": given}, plain.initial_state())  # type: ignore[dict-item]

    def trace(name: str) -> object:
        return check_own_trace(qibu.Stepper(folder / f"{name}.onnx"))

    found: dict[str, Callable[[], object]] = {
        "not held": lambda: feed("int8", [200, 1]),
        "not held, 64 bits": lambda: feed("int32", [2**40, 1]),
        "unsigned below 0": lambda: feed("uint8", [-1, 2]),
        "fraction": lambda: feed("int16", [0.5, 2]),
        "bool of numbers": lambda: feed("bool", [1, 0]),
        "half NaN": lambda: feed("float16", np.array([1, np.nan], np.float16)),
        "one too many": lambda: feed("float64", [1.5, 2.5, 3.5]),
        "missing": lambda: feed("float32", [1.5, 2.5]),
        "another batch": lambda: cache.step({"x": row}, cache.initial_state(2)),
        "empty time": lambda: gru.step({"x": np.zeros((1, 0, 3))}, gru.initial_state()),
        "batch as a fraction": lambda: cache.initial_state(1.5),  # type: ignore[arg-type]
        "batch that the file fixes": lambda: qibu.Stepper(folder / "fixed.onnx").initial_state(5),
        "no such state": lambda: cache.state_from({"g": row}),
        "a state is missing": lambda: cache.state_from({}),
        "state of another rank": lambda: cache.state_from({"cache": row}),
        "state of fractions": lambda: begun.state_from({"count": 0.5}),
        "states of two batches": lambda: gru.state_from({"h_in": np.zeros((2, 1, 4))}),
        "different lengths": lambda: qibu.State.stack([once, twice]),
        "no batch axis": lambda: begun.initial_state().split(),
        "another model": lambda: begun.step({"x": np.ones((1, 3))}, once),
        "refused": lambda: refusing.step({"x": [7]}, refusing.initial_state()),
        "no trace": lambda: trace("cache"),
        "a trace that can't be run": lambda: trace("lame"),
        "task taken": lambda: register(Application("digits", print)),
        "states of no input": lambda: qibu.Stepper(folder / "gru.onnx", states={"g": "h_out"}),
        "states of no output": lambda: qibu.Stepper(folder / "gru.onnx", states={"h_in": "g"}),
        "no state's bytes": lambda: qibu.State.from_bytes(b"QST\x00abc"),
        "no bytes": lambda: qibu.State.from_bytes(b""),
        "a newer state": lambda: qibu.State.from_bytes(b"QSTA\x02abc"),
        "cut bytes": lambda: qibu.State.from_bytes(data[:-1]),
        "altered bytes": lambda: qibu.State.from_bytes(data[:60] + b"\x99" + data[61:]),
        "contradicting bytes": lambda: qibu.State.from_bytes(sealed(data[:-12])),
    }
    for path in sorted(folder.glob("bad-*.onnx")):
        found[path.stem] = lambda path=path: qibu.Stepper(path)  # type: ignore[misc]
    return found


def told(folder: Path, mistakes: Mapping[str, Callable[[], object]]) -> dict[str, str]:
    """Make the mistakes; give the errors as of files that were opened as bytes."""
    found = {}
    for name, mistake in mistakes.items():
        try:
            mistake()
        except qibu.QibuError as error:
            text = f"{type(error).__name__}: {error}"
        else:
            text = "nothing"
        text = re.sub(r"[\w-]+\.onnx", "model", text.replace(f"{folder}/", ""))
        # the rest is onnxruntime's, of which there are two versions, or the language's
        found[name] = re.sub(
            r"(refuses its inputs \(.*?\): |contradict themselves: ).*", r"\1", text
        )
    return found
