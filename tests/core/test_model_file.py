import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import gru, leaky, save
from onnx import helper

from qibu import ModelFileError, ModelSpec, StatePair, Stepper
from qibu.core.errors import VerificationError
from qibu.core.golden_trace import check_own_trace, record_trace
from qibu.core.model_file import KEY, PortNote
from qibu.core.packed import pack

FORMATS = Path(__file__).parent / "formats"
PAIR = StatePair("h_in", "h_out", (1, None, 4), batch_axis=1)
SPEC = ModelSpec(states=(PAIR,), description="a GRU", ports={"x": PortNote(unit="V", time_axis=1)})


def rewritten(path: Path, change: dict[str, Any]) -> Path:
    document = {**json.loads(SPEC.to_json()), **change}
    graph = gru()
    helper.set_model_props(graph, {KEY: json.dumps(document)})
    onnx.save(graph, path)
    return path


def test_a_network_of_somebody_s_own_carries_metadata_and_steps(tmp_path: Path) -> None:
    stepper = Stepper(save(gru(), tmp_path / "m.onnx", SPEC))
    assert stepper.spec is not None and stepper.spec.task is None
    assert stepper.spec.ports["x"].unit == "V"
    outputs, _ = stepper.step({"x": np.ones((2, 1, 3), np.float32)}, stepper.initial_state(2))
    assert outputs["score"].shape == (2, 4)


def test_a_document_is_the_same_after_it_was_read() -> None:
    spec = replace(
        SPEC,
        states=(replace(PAIR, initial=np.arange(4, dtype=np.float32)),),
        defaults={"x": 0.5},
        quality={"accuracy": 0.9},
    )
    assert ModelSpec.from_json(spec.to_json()).to_json() == spec.to_json()


def test_a_first_value_that_is_an_array_travels_in_the_file(tmp_path: Path) -> None:
    first = np.arange(4, dtype=np.float32)
    spec = replace(SPEC, states=(replace(PAIR, initial=first),))
    state = Stepper(save(gru(), tmp_path / "m.onnx", spec)).initial_state(3)
    assert np.array_equal(state["h_in"], np.broadcast_to(first, (1, 3, 4)))


def test_unknown_fields_are_passed_over_everywhere(tmp_path: Path) -> None:
    document = json.loads(SPEC.to_json())
    change = {
        "new": [1],
        "states": [{**document["states"][0], "new": 1}],
        "ports": {"x": {"unit": "V", "new": {}}},
    }
    assert Stepper(rewritten(tmp_path / "m.onnx", change)).pairs == SPEC.states


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"states": 3}, r"'qibu'\.states must be array, got 3"),
        ({"states": [{"input": "h_in"}]}, r"states\[0\] lacks 'output'"),
        ({"states": [{**PAIR.__dict__, "initial": None, "shape": [1, -1, 4]}]}, "at least 0"),
        ({"states": [{**PAIR.__dict__, "shape": [1, None, 4], "initial": []}]}, "number"),
        ({"states": [{**PAIR.__dict__, "shape": [1, None, 4], "start": 10**9}]}, "at most 65536"),
        ({"streaming": None}, "streaming must be boolean, got null"),
        ({"weights_sha256": "short"}, "must match"),
        ({"weights_sha256": "a" * 64 + "\n"}, "must match"),
        ({"ports": {"x": {"time_axis": 1.5}}}, "time_axis must be integer"),
        ({"ports": {"x": {"labels": "ab"}}}, "labels must be array"),
        ({"defaults": {"x": True}}, "defaults.x must be number, got true"),
        ({"task": ["text"]}, "task must be string or null"),
        ({"trace": {"steps": [], "tolerance": 0}}, "at least 1 items"),
        ({"format_version": 3}, "pip install --upgrade qibu"),
        ({"format_version": True}, "want 1..2"),
        ({"parameters": -1}, "at least 0"),
    ],
)
def test_a_broken_document_is_an_error_that_names_the_place(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelFileError, match=message):
        Stepper(rewritten(tmp_path / "m.onnx", change))


@pytest.mark.parametrize(
    "text",
    ["[" * 2000 + "]" * 2000, "{", '{"format_version": NaN}', '{"format_version": 1e999}', "\0"],
)
def test_what_is_no_document_is_an_error(text: str) -> None:
    with pytest.raises(ModelFileError, match="'qibu' metadata"):
        ModelSpec.from_json(text)


def test_metadata_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    content = save(gru(), tmp_path / "m.onnx", SPEC).read_bytes()
    (tmp_path / "m.onnx").write_bytes(content.replace(b"a GRU", b"a \xff\xfeU"))
    with pytest.raises(ModelFileError, match="UTF-8"):
        Stepper(tmp_path / "m.onnx")


def test_an_array_of_another_length_than_its_shape_allocates_nothing() -> None:
    huge = {"dtype": "float32", "shape": [2**31 - 1, 2**31 - 1], "data": "AAAA"}
    document = json.loads(SPEC.to_json())
    document["states"][0]["initial"] = huge
    with pytest.raises(ModelFileError, match="bytes of data, got 3"):
        ModelSpec.from_json(json.dumps(document))


@pytest.mark.parametrize("name", ["text", "digits"])
def test_a_file_of_format_1_is_read_for_good(name: str) -> None:
    spec = ModelSpec.from_json((FORMATS / f"1-{name}.json").read_text("utf-8"))
    assert spec.format_version == 1 and spec.task == name
    assert spec.part["cell"] == "lstm" and spec.part["hidden_size"] > 0
    assert all(pair.batch_axis == 1 and pair.start == 0 for pair in spec.states)
    again = ModelSpec.from_json(spec.to_json())
    assert again.format_version == 2 and again.part == spec.part


def test_a_file_proves_itself_by_its_own_trace(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    steps = [{"x": random.normal(size=(1, t, 3)).astype(np.float32)} for t in (1, 3, 1)]
    path = save(gru(), tmp_path / "m.onnx", SPEC)
    trace = record_trace(Stepper(path), steps, 1e-5)
    result = check_own_trace(Stepper(save(gru(), path, replace(SPEC, trace=trace))))
    assert result.steps == 3 and result.difference == 0
    save(gru(seed=1), path, replace(SPEC, trace=trace))
    with pytest.raises(VerificationError, match="step 1, score is off by"):
        check_own_trace(Stepper(path))


def test_a_trace_too_large_for_the_document_is_an_error(tmp_path: Path) -> None:
    stepper = Stepper(save(gru(), tmp_path / "m.onnx", SPEC))
    trace = record_trace(stepper, [{"x": np.zeros((1, 5000, 3), np.float32)}], 1e-5)
    with pytest.raises(ModelFileError, match="at most 64,000"):
        replace(SPEC, trace=trace).to_json()


def test_a_file_without_a_trace_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="carries no trace"):
        check_own_trace(Stepper(save(leaky(), tmp_path / "m.onnx")))


def test_values_are_packed_little_endian() -> None:
    packed = pack(np.array([1, 256], ">i4"))
    assert base64.b64decode(packed["data"]) == b"\1\0\0\0\0\1\0\0"
