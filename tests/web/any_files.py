"""Files without a task: one that says all that can be said, and others that say nothing."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper
from stranger_files import value, write

import qibu
from qibu.core.arrays import Array
from qibu.core.golden_trace import record_trace
from qibu.core.model_file import GoldenTrace, ModelSpec, PortNote
from qibu.core.port import StatePair

SENSORS = ("boiler", "pump", "outdoor")


def write_sensor(path: Path, wrong: bool = False) -> Path:
    """Write a GRU over three sensors with everything that a file may say of itself.

    Args:
        path: of the file.
        wrong: whether its trace is of another network.
    """
    chance = np.random.default_rng(5)
    weights: dict[str, Array] = {
        "w": chance.normal(size=(1, 12, 3)).astype(np.float32),
        "r": chance.normal(size=(1, 12, 4)).astype(np.float32),
        "v": chance.normal(size=(4, 2)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Mul", ["x", "gain"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["time_first"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU", ["time_first", "w", "r", "", "", "h_in"], ["", "h_out"], hidden_size=4
        ),
        helper.make_node("ReduceMax", ["h_out"], ["last"], axes=[0], keepdims=0),
        helper.make_node("MatMul", ["last", "v"], ["raw"]),
        helper.make_node("Sigmoid", ["raw"], ["score"]),
    ]
    inputs = [
        value("x", ["batch", "time", 3]),
        value("gain", [1]),
        value("h_in", [1, "batch", 4]),
    ]
    outputs = [value("score", ["batch", 2]), value("h_out", [1, "batch", 4])]

    def spec(trace: GoldenTrace | None) -> ModelSpec:
        return ModelSpec(
            (StatePair("h_in", "h_out", (1, None, 4)),),
            description="Says how odd a reading of three sensors of a heating system is.",
            ports={
                "x": PortNote("what the sensors read", "°C", SENSORS, time_axis=1, batch_axis=0),
                "score": PortNote("0: as ever, 1: never seen", "", ("odd", "leak"), batch_axis=0),
            },
            defaults={"gain": 0.5},
            parameters=104,
            trace=trace,
        )

    write(path, nodes, inputs, outputs, weights, spec(None))
    given = [{"x": chance.normal(size=(1, n, 3)).astype(np.float32)} for n in (1, 4, 1)]
    trace = record_trace(qibu.Stepper(path), given, 1e-5)
    if wrong:
        other = {"score": trace.steps[0]["outputs"]["score"]}
        trace = GoldenTrace(({**trace.steps[1], "outputs": other},), {}, 1e-5)
    return write(path, nodes, inputs, outputs, weights, spec(trace))


def write_stranger(path: Path) -> Path:
    """Write a file that says nothing: a cache that grows, a count, a rate, a wide output."""
    return write(
        path,
        [
            helper.make_node("Cast", ["rate"], ["gain"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["frame", "gain"], ["row"]),
            helper.make_node("Unsqueeze", ["row", "axis_1"], ["fresh"]),
            helper.make_node("Concat", ["cache_in", "fresh"], ["cache_out"], axis=1),
            helper.make_node("ReduceSum", ["cache_out", "axis_1"], ["sums"], keepdims=0),
            helper.make_node("ReduceMax", ["sums"], ["largest"], axes=[1], keepdims=0),
        ],
        [
            value("frame", ["batch", 40]),
            value("rate", [1], TensorProto.INT64),
            value("cache_in", ["batch", "past", 40]),
        ],
        [
            value("sums", ["batch", 40]),
            value("largest", ["batch"]),
            value("cache_out", ["batch", "total", 40]),
        ],
        {"axis_1": np.array([1], np.int64)},
    )


def write_whole(path: Path) -> Path:
    """Write a network that reads a sequence both ways, so that it has no steps."""
    return write(
        path,
        [
            helper.make_node(
                "RNN", ["x", "w", "r"], ["", "y"], hidden_size=4, direction="bidirectional"
            )
        ],
        [value("x", ["time", "batch", 3])],
        [value("y", [2, "batch", 4])],
        {"w": np.ones((2, 4, 3), np.float32), "r": np.ones((2, 4, 4), np.float32)},
        ModelSpec((), streaming=False),
    )
