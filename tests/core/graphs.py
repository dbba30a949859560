"""Tiny stateful graphs, made with onnx alone: no torch, no application."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from qibu.core.arrays import Array
from qibu.core.model_file import KEY, ModelSpec

Axes = Sequence[int | str | None]
FLOAT = TensorProto.FLOAT


def port(name: str, axes: Axes, dtype: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, axes)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    **constants: Array,
) -> onnx.ModelProto:
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(list(nodes), "tiny", list(inputs), list(outputs), weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def save(graph: onnx.ModelProto, path: Path, spec: ModelSpec | None = None) -> Path:
    if spec is not None:
        helper.set_model_props(graph, {KEY: spec.to_json()})
    onnx.save(graph, path)
    return path


def leaky(
    x: Axes = ("batch", 3),
    state: Axes = ("batch", 3),
    dtype: int = FLOAT,
    names: tuple[str, str] = ("state_in", "state_out"),
) -> onnx.ModelProto:
    """y = state out = state in + x."""
    into, out = names
    nodes = [
        helper.make_node("Add", [into, "x"], [out]),
        helper.make_node("Identity", [out], ["y"]),
    ]
    return model(
        nodes,
        [port("x", x, dtype), port(into, state, dtype)],
        [port("y", x, dtype), port(out, state, dtype)],
    )


def cache(batch: int | str = "batch") -> onnx.ModelProto:
    """A cache that grows by what is read: present = past and x, one after the other; y its sum."""
    nodes = [
        helper.make_node("Concat", ["past", "x"], ["present"], axis=1),
        helper.make_node("ReduceSum", ["present", "one"], ["y"], keepdims=0),
    ]
    return model(
        nodes,
        [port("x", (batch, "time", 2)), port("past", (batch, "past", 2))],
        [port("y", (batch, 2)), port("present", (batch, "total", 2))],
        one=np.array([1], np.int64),
    )


def gru(hidden: int = 4, size: int = 3, seed: int = 0) -> onnx.ModelProto:
    """A GRU of one layer: x (batch, time, size), h (1, batch, hidden), score (batch, hidden)."""
    random = np.random.default_rng(seed)

    def weight(*shape: int) -> Array:
        return random.normal(0, 0.4, shape).astype(np.float32)

    nodes = [
        helper.make_node("Transpose", ["x"], ["by_time"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU",
            ["by_time", "W", "R", "B", "", "h_in"],
            ["sequence", "h_out"],
            hidden_size=hidden,
            linear_before_reset=1,
        ),
        helper.make_node("Squeeze", ["h_out", "zero"], ["score"]),
    ]
    return model(
        nodes,
        [port("x", ("batch", "time", size)), port("h_in", (1, "batch", hidden))],
        [port("score", ("batch", hidden)), port("h_out", (1, "batch", hidden))],
        W=weight(1, 3 * hidden, size),
        R=weight(1, 3 * hidden, hidden),
        B=weight(1, 6 * hidden),
        zero=np.array([0], np.int64),
    )
