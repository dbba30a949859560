"""What do checks and states as values cost a stranger's step?

A GRU of 12 inputs and 64 units with a score, made here with random weights, batch 1, one thread:
`Stepper.step` beside `session.run` alone, and `Stream` beside `run_with_iobinding` alone, all on
one session.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from qibu import Stepper, Stream
from qibu.core.arrays import Array
from report import report
from timing import interleave, of_call

INPUTS, HIDDEN = 12, 64
TIMES, ROUNDS = 300, 60
STEP, RUN = "`Stepper.step`", "bare `session.run`"
STREAM, BOUND = "`Stream.put` and `step`", "bare `run_with_iobinding`"


def make_gru(path: Path) -> Path:
    """Write x (batch, time, 12) and h_in to score (batch, 1) and h_out."""
    random = np.random.default_rng(0)
    weights = {
        "W": (1, 3 * HIDDEN, INPUTS),
        "R": (1, 3 * HIDDEN, HIDDEN),
        "B": (1, 6 * HIDDEN),
        "V": (HIDDEN, 1),
    }
    constants: dict[str, Array] = {
        name: random.normal(0, 0.2, shape).astype(np.float32) for name, shape in weights.items()
    }
    nodes = [
        helper.make_node("Transpose", ["x"], ["by_time"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU",
            ["by_time", "W", "R", "B", "", "h_in"],
            ["", "h_out"],
            hidden_size=HIDDEN,
            linear_before_reset=1,
        ),
        helper.make_node("Squeeze", ["h_out", "zero"], ["top"]),
        helper.make_node("MatMul", ["top", "V"], ["score"]),
    ]

    def port(name: str, *axes: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, axes)

    state = (1, "batch", HIDDEN)
    graph = helper.make_graph(
        nodes,
        "gru",
        [port("x", "batch", "time", INPUTS), port("h_in", *state)],
        [port("score", "batch", 1), port("h_out", *state)],
        [
            numpy_helper.from_array(array, name)
            for name, array in {**constants, "zero": np.array([0], np.int64)}.items()
        ],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path
    )
    return path


def stepped(stepper: Stepper, x: Array) -> Callable[[], None]:
    """Give steps that go on from each other."""
    state = stepper.initial_state()

    def step() -> None:
        nonlocal state
        _, state = stepper.step({"x": x}, state)

    return step


def run(session: ort.InferenceSession, x: Array) -> Callable[[], None]:
    """Give the same with onnxruntime alone."""
    names = ["score", "h_out"]
    h = np.zeros((1, 1, HIDDEN), np.float32)

    def step() -> None:
        nonlocal h
        _, h = session.run(names, {"x": x, "h_in": h})

    return step


def streamed(stepper: Stepper, x: Array) -> Callable[[], None]:
    """Give steps through buffers that are bound once, the input copied into its own each time."""
    stream = Stream(stepper, stepper.initial_state())

    def step() -> None:
        stream.put("x", x)
        stream.step()

    return step


def bound(session: ort.InferenceSession, x: Array) -> Callable[[], None]:
    """Give the same with onnxruntime alone, the input copied by numpy."""
    x_buffer, y, *states = (
        np.zeros(shape, np.float32) for shape in (x.shape, (1, 1), (1, 1, HIDDEN), (1, 1, HIDDEN))
    )
    values = [ort.OrtValue.ortvalue_from_numpy(array) for array in (x_buffer, y, *states)]
    bindings = []
    for into, out in ((2, 3), (3, 2)):
        binding = session.io_binding()
        binding.bind_ortvalue_input("x", values[0])
        binding.bind_ortvalue_input("h_in", values[into])
        binding.bind_ortvalue_output("score", values[1])
        binding.bind_ortvalue_output("h_out", values[out])
        bindings.append(binding)
    turn = 0

    def step() -> None:
        nonlocal turn
        np.copyto(x_buffer, x)
        session.run_with_iobinding(bindings[turn])
        turn = 1 - turn

    return step


def main() -> None:
    x = np.random.default_rng(1).normal(size=(1, 1, INPUTS)).astype(np.float32)
    with TemporaryDirectory() as folder:
        stepper = Stepper(make_gru(Path(folder) / "gru.onnx"))
        steps = {
            STEP: stepped(stepper, x),
            RUN: run(stepper.session, x),
            STREAM: streamed(stepper, x),
            BOUND: bound(stepper.session, x),
        }
        calls = {name: of_call(step, times=TIMES) for name, step in steps.items()}
        times = interleave(calls, ROUNDS)
    pairs = ((STEP, RUN), (RUN, RUN), (STREAM, BOUND), (BOUND, BOUND))
    report(
        __file__,
        ("way", "median µs", "quartiles", "÷ bare"),
        [times.row(name, to) for name, to in pairs],
        settings={"threads": 1, "batch": 1, "model": "GRU 12 → 64, float32", "rounds": ROUNDS},
        figures={f"{name} ÷ {to}": times.ratio(name, to) for name, to in (pairs[0], pairs[2])},
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
