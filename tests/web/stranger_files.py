"""Small files with state for the module in JavaScript, and what Python makes of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import qibu
from qibu.core.arrays import Array
from qibu.core.golden_trace import record_trace
from qibu.core.model_file import KEY, GoldenTrace, ModelSpec, PortNote
from qibu.core.onnx_file import read_onnx
from qibu.core.packed import pack
from qibu.core.port import StatePair

TYPES = (
    *("float16", "float32", "float64", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "bool"),
)
FORMATS = Path(__file__).parents[1] / "core" / "formats"
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
Axes = Sequence[int | str | None]
Steps = Sequence[Mapping[str, Array]]


def value(name: str, axes: Axes, kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, axes)


def write(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    weights: Mapping[str, Array] | None = None,
    spec: ModelSpec | None = None,
) -> Path:
    held = [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()]
    graph = helper.make_graph(list(nodes), path.stem, list(inputs), list(outputs), held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if spec is not None:
        entry = model.metadata_props.add()
        entry.key, entry.value = KEY, spec.to_json()
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def write_all(folder: Path) -> None:
    """Write the files: a cache that grows, first values of all kinds, every type, …"""
    axis = {"axis_1": np.array([1], np.int64)}
    write(
        folder / "cache.onnx",
        [
            helper.make_node("Unsqueeze", ["x", "axis_1"], ["row"]),
            helper.make_node("Concat", ["cache", "row"], ["cache_out"], axis=1),
            helper.make_node("ReduceSum", ["cache_out", "axis_1"], ["y"], keepdims=0),
        ],
        [value("x", ["batch", 2]), value("cache", ["batch", "past", 2])],
        [value("y", ["batch", 2]), value("cache_out", ["batch", "total", 2])],
        axis,
        ModelSpec(
            (StatePair("cache", "cache_out", (None, None, 2), "float32", 0),),
            description="sums all that it was given",
            ports={"x": PortNote("what is summed", "m/s", ("a", "b"), batch_axis=0)},
            defaults={"x": 1.5},
        ),
    )
    write(
        folder / "begun.onnx",
        [
            helper.make_node("Add", ["h", "x"], ["h_out"]),
            helper.make_node("Add", ["count", "one"], ["count_out"]),
            helper.make_node("Mul", ["window", "two"], ["window_out"]),
            helper.make_node("Identity", ["h_out"], ["y"]),
        ],
        [
            value("x", ["batch", 3]),
            value("h", ["batch", 3]),
            value("count", [], INT64),
            value("window", [2, "n"], TensorProto.DOUBLE),
        ],
        [
            value("y", ["batch", 3]),
            value("h_out", ["batch", 3]),
            value("count_out", [], INT64),
            value("window_out", [2, "n"], TensorProto.DOUBLE),
        ],
        {"one": np.array(1, np.int64), "two": np.array(2.0)},
        ModelSpec(
            (
                StatePair("h", "h_out", (None, 3), initial=np.array([0.5, -1, 3], np.float32)),
                StatePair("count", "count_out", (), "int64", initial=3),
                StatePair("window", "window_out", (2, None), "float64", None, 4, -1.25),
            ),
            task="someone-elses",
            part={"key": "value"},
        ),
    )
    kinds = {name: helper.np_dtype_to_tensor_dtype(np.dtype(name)) for name in TYPES}
    kinds["string"] = TensorProto.STRING
    write(
        folder / "types.onnx",
        [
            helper.make_node("Identity", [f"{a}_{name}"], [f"{b}_{name}"])
            for name in kinds
            for a, b in (("in", "out"), ("s", "t"))
        ],
        [
            value(f"{a}_{n}", s, k)
            for n, k in kinds.items()
            for a, s in (("in", [2]), ("s", [None]))
        ],
        [
            value(f"{b}_{n}", s, k)
            for n, k in kinds.items()
            for b, s in (("out", [2]), ("t", [None]))
        ],
    )
    write(
        folder / "unnamed.onnx",  # sizes without a number or a name
        [
            helper.make_node("Add", ["h", "x"], ["h_out"]),
            helper.make_node("ReduceMean", ["h_out"], ["y"], axes=[0], keepdims=0),
        ],
        [value("x", [None, 3]), value("h", [2, None, 3])],
        [value("y", [None, 3]), value("h_out", [2, None, 3])],
    )
    write(
        folder / "fixed.onnx",  # two sequences, no more and no fewer
        [
            helper.make_node("Add", ["h", "x"], ["h_out"]),
            helper.make_node("Neg", ["h_out"], ["y"]),
        ],
        [value("x", [2, 3]), value("h", [2, 3])],
        [value("y", [2, 3]), value("h_out", [2, 3])],
    )
    write(
        folder / "refusing.onnx",
        [
            helper.make_node("Gather", ["table", "x"], ["y"]),
            helper.make_node("Identity", ["h"], ["h_out"]),
        ],
        [value("x", ["n"], INT64), value("h", [1])],
        [value("y", ["n"]), value("h_out", [1])],
        {"table": np.array([1, 2, 3], np.float32)},
    )
    _write_gru(folder)


def _write_gru(folder: Path) -> None:
    """Write a network with weights in a side file, and one that carries its own trace."""
    chance = np.random.default_rng(5)
    weights: dict[str, Array] = {
        "w": chance.normal(size=(1, 12, 3)).astype(np.float32),
        "r": chance.normal(size=(1, 12, 4)).astype(np.float32),
        "axis_1": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Transpose", ["x"], ["time_first"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU", ["time_first", "w", "r", "", "", "h_in"], ["", "h_out"], hidden_size=4
        ),
        helper.make_node("ReduceMax", ["h_out"], ["y"], axes=[0], keepdims=0),
    ]
    inputs = [value("x", ["batch", "time", 3]), value("h_in", [1, "batch", 4])]
    outputs = [value("y", ["batch", 4]), value("h_out", [1, "batch", 4])]
    pair = StatePair("h_in", "h_out", (1, None, 4))
    ports = {"x": PortNote(time_axis=1, batch_axis=0)}
    path = write(
        folder / "gru.onnx", nodes, inputs, outputs, weights, ModelSpec((pair,), ports=ports)
    )
    given = [{"x": chance.normal(size=(1, n, 3)).astype(np.float32)} for n in (1, 4, 1)]
    trace = record_trace(qibu.Stepper(path), given, 1e-5)
    wrong = GoldenTrace(trace.steps, {}, 0.0)
    lame = GoldenTrace(({"inputs": {}, "outputs": {}},), {}, 1e-5)
    for name, kept in (("traced", trace), ("strict", wrong), ("lame", lame)):
        spec = ModelSpec((pair,), ports=ports, trace=kept)
        write(folder / f"{name}.onnx", nodes, inputs, outputs, weights, spec)
    model = onnx.load(path)
    onnx.save(
        model,
        folder / "side.onnx",
        save_as_external_data=True,
        location="side.bin",
        size_threshold=100,
    )


def write_old(path: Path, task: str, target: Path) -> None:
    """Write a model anew with the document of format 1 that such files had."""
    model = onnx.load(path)
    document = json.loads(FORMATS.joinpath(f"1-{task}.json").read_text("utf-8"))
    held = {entry.key: entry.value for entry in model.metadata_props}
    part = ModelSpec.from_json(held[KEY]).part
    document["vocabulary"] = part.get("vocabulary")  # the fixture's is cut short
    helper.set_model_props(model, {KEY: json.dumps(document)})
    onnx.save(model, target)


def types_inputs() -> dict[str, Array]:
    """Give a value near the end of each type, by input name."""
    given: dict[str, Array] = {"in_string": np.array(["", "七步"], object)}
    for name in TYPES:
        dtype = np.dtype(name)
        if dtype.kind == "f":
            given[f"in_{name}"] = np.array([np.finfo(dtype).max, -1 / 3], dtype)
        elif dtype.kind == "b":
            given[f"in_{name}"] = np.array([True, False])
        else:
            given[f"in_{name}"] = np.array([np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)
    return given


def runs() -> dict[str, dict[str, Any]]:
    """Give what each file is stepped with: options, batch, inputs of the steps."""
    chance = np.random.default_rng(3)

    def draw(*shape: int) -> Array:
        return chance.normal(size=shape).astype(np.float32)

    states = {f"s_{name}": f"t_{name}" for name in (*TYPES, "string")}
    gru = {"batch": 2, "steps": [{"x": draw(2, n, 3)} for n in (1, 3)]}
    return {
        "cache": {"batch": 3, "steps": [{"x": draw(3, 2)}, {}, {"x": draw(3, 2)}]},
        "begun": {"batch": 2, "steps": [{"x": draw(2, 3)}, {"x": draw(2, 3)}]},
        "types": {"batch": 1, "steps": [types_inputs()], "states": states},
        "unnamed": {"batch": 2, "steps": [{"x": draw(2, 3)}] * 2, "states": {"h": "h_out"}},
        "fixed": {"batch": 1, "steps": [{"x": draw(2, 3)}] * 2},  # 1 stands for what it fixes
        "gru": gru,
        "side": gru,
    }


def stepped(folder: Path) -> dict[str, Any]:
    """Step the files and note everything; states are left in the folder as bytes."""
    found: dict[str, Any] = {}
    for name, run in runs().items():
        stepper = qibu.Stepper(folder / f"{name}.onnx", states=run.get("states"))
        state = first_state(stepper, run["batch"])
        noted = []
        for inputs in run["steps"]:
            outputs, state = stepper.step(inputs, state)
            noted.append({"inputs": _noted(inputs), "outputs": _noted(outputs)})
        if name != "types":  # which has texts
            (folder / f"{name}.state").write_bytes(state.to_bytes())
            state.save(folder / f"{name}.npz")
        found[name] = {
            "model": stepper.model,
            "batch": run["batch"],
            "options": {"states": run["states"]} if "states" in run else {},
            "steps": noted,
            "state": _noted(state),
        }
    return found


def first_state(stepper: qibu.Stepper, batch: int) -> qibu.State:
    """Give an initial state; texts have no first value."""
    if "s_string" not in {pair.input for pair in stepper.pairs}:
        return stepper.initial_state(batch)
    given = {
        pair.input: np.array(["步"], object)
        if pair.dtype == "object"
        else np.ones(batch, pair.dtype)
        for pair in stepper.pairs
    }
    return stepper.state_from(given)


def _noted(arrays: Mapping[str, Array]) -> dict[str, Any]:
    return {
        name: {"strings": array.tolist()} if array.dtype == object else pack(array)
        for name, array in arrays.items()
    }


def described(path: Path) -> dict[str, Any]:
    """Say what a file says of itself."""
    content = read_onnx(path.read_bytes())
    return {
        "producer": content.producer,
        "opset": content.opset,
        "inputs": list(map(str, content.inputs)),
        "outputs": list(map(str, content.outputs)),
        "metadata": {key: len(text) for key, text in content.metadata.items()},
        "operators": dict(content.operators),
        "weights": content.weights,
        "sideFiles": sorted(content.side_files),
    }
