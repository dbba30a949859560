"""Kinds of files that people have: every one steps, or says why not."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import cache, gru, leaky, model, port, save
from onnx import TensorProto, helper

from qibu import InputError, ModelFileError, RunError, State, Stepper, Stream
from qibu.core.arrays import Array

TYPES = [
    (TensorProto.DOUBLE, "float64"),
    (TensorProto.INT8, "int8"),
    (TensorProto.INT32, "int32"),
    (TensorProto.INT64, "int64"),
    (TensorProto.UINT8, "uint8"),
    (TensorProto.UINT32, "uint32"),
    (TensorProto.UINT64, "uint64"),
]


@pytest.mark.parametrize(("dtype", "name"), TYPES)
def test_states_and_inputs_of_every_number_type_step(tmp_path: Path, dtype: int, name: str) -> None:
    stepper = Stepper(save(leaky(dtype=dtype), tmp_path / "m.onnx"))
    state = stepper.initial_state(2)
    for _ in range(3):
        outputs, state = stepper.step({"x": np.full((2, 3), 2, name)}, state)
    assert state["state_in"].dtype == name and (outputs["y"] == 6).all()
    assert State.from_bytes(state.to_bytes())["state_in"].tolist() == state["state_in"].tolist()


@pytest.mark.parametrize("name", ["float16", "int16", "bool"])
def test_data_of_rarer_types_is_fed(tmp_path: Path, name: str) -> None:
    dtype = helper.np_dtype_to_tensor_dtype(np.dtype(name))
    nodes = [
        helper.make_node("Cast", ["x"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["state_in", "real"], ["state_out"]),
    ]
    graph = model(
        nodes,
        [port("x", ("batch", 3), dtype), port("state_in", ("batch", 3))],
        [port("state_out", ("batch", 3))],
    )
    stepper = Stepper(save(graph, tmp_path / "m.onnx"))
    _, state = stepper.step({"x": np.ones((2, 3), name)}, stepper.initial_state(2))
    assert (state["state_in"] == 1).all()


def test_texts_are_fed(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Identity", ["x"], ["y"]),
        helper.make_node("Add", ["state_in", "state_in"], ["state_out"]),
    ]
    graph = model(
        nodes,
        [port("x", ("batch",), TensorProto.STRING), port("state_in", ("batch",))],
        [port("y", ("batch",), TensorProto.STRING), port("state_out", ("batch",))],
    )
    stepper = Stepper(save(graph, tmp_path / "m.onnx"))
    outputs, _ = stepper.step({"x": ["春", "夜"]}, stepper.initial_state(2))
    assert outputs["y"].tolist() == ["春", "夜"]


def test_an_input_may_be_empty_where_the_graph_bears_it(tmp_path: Path) -> None:
    stepper = Stepper(save(cache(), tmp_path / "m.onnx"))
    _, state = stepper.step({"x": np.ones((1, 2, 2), np.float32)}, stepper.initial_state())
    outputs, after = stepper.step({"x": np.ones((1, 0, 2), np.float32)}, state)
    assert outputs["y"].tolist() == [[2, 2]] and after["past"].shape == (1, 2, 2)


def test_an_empty_input_that_would_end_the_process_is_an_error(tmp_path: Path) -> None:
    stepper = Stepper(save(gru(), tmp_path / "m.onnx"))
    with pytest.raises(InputError, match="empty"):
        stepper.step({"x": np.ones((1, 0, 3), np.float32)}, stepper.initial_state())


def test_a_cache_begins_at_length_0_and_grows(tmp_path: Path) -> None:
    stepper = Stepper(save(cache(), tmp_path / "m.onnx"))
    state = stepper.initial_state(3)
    assert state["past"].shape == (3, 0, 2)
    for step in range(1, 4):
        outputs, state = stepper.step({"x": np.ones((3, 1, 2), np.float32)}, state)
        assert state["past"].shape == (3, step, 2)
        assert outputs["y"].tolist() == [[step, step]] * 3
    assert State.stack(state.split())["past"].shape == (3, 3, 2)
    with pytest.raises(InputError, match="equally many steps"):
        State.stack([state, stepper.initial_state(3)])


def test_a_cache_begins_at_the_length_that_the_caller_says(tmp_path: Path) -> None:
    stepper = Stepper(save(cache(), tmp_path / "m.onnx"), axes={"past": ("batch", 4, None)})
    assert stepper.initial_state(2)["past"].shape == (2, 4, 2)


def test_a_state_that_grows_is_stepped_not_streamed(tmp_path: Path) -> None:
    stepper = Stepper(save(cache(), tmp_path / "m.onnx"))
    with pytest.raises(InputError, match=r"'past' may change its size.*Stepper\.step"):
        Stream(stepper, stepper.initial_state())


@pytest.mark.parametrize("shape", [(3, 3), (1, 3)])
def test_a_batch_fixed_in_the_file_is_an_error_for_another(
    tmp_path: Path, shape: tuple[int, int]
) -> None:
    stepper = Stepper(save(leaky(shape, shape), tmp_path / "m.onnx"))
    with pytest.raises(InputError, match=f"batch must be {shape[0]}"):
        stepper.initial_state(5)
    assert stepper.initial_state()["state_in"].shape == shape


def test_more_rows_than_the_state_has_are_an_error(tmp_path: Path) -> None:
    stepper = Stepper(save(leaky(), tmp_path / "free.onnx"))
    with pytest.raises(InputError, match=r"must be \[1, 3\].*got shape \[3, 3\]"):
        stepper.step({"x": np.ones((3, 3), np.float32)}, stepper.initial_state())
    fixed = Stepper(save(leaky(("batch", 3), (1, 3)), tmp_path / "fixed.onnx"))
    with pytest.raises(InputError):
        fixed.step({"x": np.ones((3, 3), np.float32)}, fixed.initial_state())


def test_a_whole_sequence_takes_no_time_for_batch(tmp_path: Path) -> None:
    graph = gru()
    shape = graph.graph.input[0].type.tensor_type.shape
    shape.dim[0].dim_param, shape.dim[1].dim_param = "time", "batch"
    graph.graph.node[0].attribute[0].ints[:] = [0, 1, 2]  # sequence first as it is
    stepper = Stepper(save(graph, tmp_path / "m.onnx"))
    assert stepper.run({"x": np.ones((7, 2, 3), np.float32)})["score"].shape == (2, 4)
    with pytest.raises(InputError, match="x"):
        stepper.step({"x": np.ones((1, 2, 3), np.float32)}, stepper.initial_state(3))


def test_what_the_graph_refuses_is_an_error_of_ours_with_its_cause(tmp_path: Path) -> None:
    stepper = Stepper(save(leaky(("batch", "width"), ("batch", 3)), tmp_path / "m.onnx"))
    with pytest.raises(RunError, match=r"x \[1, 5\] float32") as caught:
        stepper.step({"x": np.ones((1, 5), np.float32)}, stepper.initial_state())
    assert "onnxruntime" in type(caught.value.__cause__).__module__
    stream = Stream(stepper, stepper.initial_state())
    with pytest.raises(RunError):
        stream.step({"x": np.ones((1, 5), np.float32)})


def test_one_s_own_arrays_make_a_first_state(tmp_path: Path) -> None:
    stepper = Stepper(save(leaky(), tmp_path / "m.onnx"))
    own = np.arange(6, dtype=np.float64).reshape(2, 3)
    state = stepper.state_from({"state_in": own})
    own[:] = 9
    assert state["state_in"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert state["state_in"].dtype == np.float32 and state.batch == 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "lacks 'state_in'"),
        ({"state_in": np.zeros((2, 4))}, r"\['batch', 3\]"),
        ({"state_in": [["a", "b", "c"]]}, "must be float32"),
        ({"other": np.zeros((2, 3))}, "no state 'other'"),
    ],
)
def test_arrays_that_are_no_state_are_an_error(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Stepper(save(leaky(), tmp_path / "m.onnx")).state_from(arrays)


def test_a_stream_follows_outputs_whose_size_hangs_on_the_input(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Identity", ["x"], ["y"]),
        helper.make_node("ReduceSum", ["x", "axes"], ["sum"], keepdims=0),
        helper.make_node("Add", ["state_in", "sum"], ["state_out"]),
    ]
    graph = model(
        nodes,
        [port("x", ("batch", "time", 2)), port("state_in", ("batch", 2))],
        [port("y", ("batch", "time", 2)), port("state_out", ("batch", 2))],
        axes=np.array([1], np.int64),
    )
    stepper = Stepper(save(graph, tmp_path / "m.onnx"))
    state, stream = stepper.initial_state(2), Stream(stepper, stepper.initial_state(2))
    for time in (1, 3, 3, 2, 1):
        x = np.random.default_rng(time).normal(size=(2, time, 2)).astype(np.float32)
        outputs, state = stepper.step({"x": x}, state)
        stream.step({"x": x})
        assert np.array_equal(stream.fetch("y"), outputs["y"])
    assert np.array_equal(stream.state()["state_in"], state["state_in"])


def split_weights(path: Path, seed: int) -> Path:
    graph = gru(seed=seed)
    onnx.save(
        graph,
        path,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="gru.onnx.data",
        size_threshold=64,
    )
    return path


def test_weights_in_a_side_file_are_part_of_the_identity(tmp_path: Path) -> None:
    one, other = (split_weights(_made(tmp_path / name) / "gru.onnx", seed) for name, seed in
                  (("one", 0), ("other", 1)))  # fmt: skip
    assert one.read_bytes() == other.read_bytes()
    a, b = Stepper(one), Stepper(other)
    assert a.model != b.model
    with pytest.raises(InputError, match="another model"):
        b.step({"x": np.ones((1, 1, 3), np.float32)}, a.initial_state())
    assert a.identity.bytes == sum(file.stat().st_size for file in one.parent.iterdir())


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_side_file_outside_the_model_s_folder_is_an_error(tmp_path: Path) -> None:
    path = split_weights(_made(tmp_path / "model") / "gru.onnx", 0)
    graph = onnx.load(path, load_external_data=False)
    for tensor in graph.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../gru.onnx.data"
    (tmp_path / "gru.onnx.data").write_bytes((path.parent / "gru.onnx.data").read_bytes())
    path.write_bytes(graph.SerializeToString())
    with pytest.raises(ModelFileError):
        _ = Stepper(path).model


def test_an_unpickled_state_is_checked_and_read_only(tmp_path: Path) -> None:
    stepper = Stepper(save(gru(), tmp_path / "m.onnx"))
    _, state = stepper.step({"x": np.ones((2, 1, 3), np.float32)}, stepper.initial_state(2))
    again = pickle.loads(pickle.dumps(state))
    assert again["h_in"].tobytes() == state["h_in"].tobytes() and again.model == state.model
    for one in (state, again, state.copy(), state.fork(2), *state.split(), State.stack([state])):
        with pytest.raises(ValueError, match="read-only"):
            one["h_in"][0] = 1
    with pytest.raises(AttributeError):
        again.model = "other"
    outputs, _ = stepper.step({"x": np.ones((2, 1, 3), np.float32)}, again)
    wanted, _ = stepper.step({"x": np.ones((2, 1, 3), np.float32)}, state)
    assert np.array_equal(outputs["score"], wanted["score"])


def test_bytes_that_were_altered_anywhere_are_an_error(tmp_path: Path) -> None:
    data = Stepper(save(gru(), tmp_path / "m.onnx")).initial_state().to_bytes()
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(InputError):
            State.from_bytes(bytes(altered))
    for length in range(len(data)):
        with pytest.raises(InputError):
            State.from_bytes(data[:length])


def test_another_model_s_bytes_are_an_error_when_stepped(tmp_path: Path) -> None:
    one = Stepper(save(gru(), tmp_path / "one.onnx"))
    other = Stepper(save(gru(seed=1), tmp_path / "other.onnx"))
    x: dict[str, Array] = {"x": np.ones((1, 1, 3), np.float32)}
    state = State.from_bytes(one.initial_state().to_bytes())
    one.step(x, state)
    with pytest.raises(InputError, match="another model"):
        other.step(x, state)


def test_a_state_of_the_file_opened_otherwise_is_an_error(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Add", [a, "x"], [b]) for a, b in (("a_in", "a_out"), ("b_in", "b_out"))
    ]
    ports = [[port(name, ("batch", 3)) for name in names] for names in
             (("x", "a_in", "b_in"), ("a_out", "b_out"))]  # fmt: skip
    path = save(model(nodes, *ports), tmp_path / "m.onnx")
    states = {"a_in": "a_out", "b_in": "b_out"}
    both, one = Stepper(path, states=states), Stepper(path, states={"a_in": "a_out"})
    swapped = Stepper(path, states={"a_in": "b_out", "b_in": "a_out"})
    x: dict[str, Array] = {"x": np.ones((1, 3), np.float32)}
    for other in (one, swapped):
        with pytest.raises(InputError, match="as it was opened"):
            both.step(x, other.initial_state())
    _, after = both.step(x, State.from_bytes(both.initial_state().to_bytes()))
    assert (after["a_in"] == 1).all()
