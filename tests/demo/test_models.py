from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

import qibu
from qibu.core.errors import InputError, ModelFileError
from qibu.core.onnx_file import read_onnx
from qibu_demo.models.logic import describe_upload as describe
from qibu_demo.models.logic import step_time, table
from qibu_demo.page.bundled import opened, poets, readers
from qibu_demo.page.views import file_view, model_table, times_view


def test_a_bundled_file_says_what_onnx_reads_in_it() -> None:
    path = qibu.bundled_models()["digits"]
    model, found = onnx.load(path), read_onnx(path.read_bytes())
    assert [port.name for port in found.inputs] == [one.name for one in model.graph.input]
    assert [port.name for port in found.outputs] == [one.name for one in model.graph.output]
    assert found.opset == model.opset_import[0].version
    assert found.operators["MatMul"] == sum(n.op_type == "MatMul" for n in model.graph.node)
    assert found.weights >= sum(
        int(onnx.numpy_helper.to_array(one).size) for one in model.graph.initializer
    )


def test_the_description_of_a_bundled_model_names_its_states() -> None:
    description = describe(qibu.bundled_models()["poem"].read_bytes())
    assert {state["input"] for state in description["states"]} == {"h_in", "c_in"}
    assert description["qibu"]["task"] == "text"


def small(**settings: object) -> onnx.ModelProto:
    """A graph whose state is called as others call it."""
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("h", "hn")]
    node = helper.make_node("Identity", ["h"], ["hn"])
    return helper.make_model(helper.make_graph([node], "small", ports[:1], ports[1:]), **settings)


def test_a_third_partys_states_are_paired_by_name() -> None:
    description = describe(small(producer_name="<b>others</b>").SerializeToString())
    assert [(s["input"], s["output"]) for s in description["states"]] == [("h", "hn")]
    shown = file_view("<i>.onnx", description, "en")
    assert "<b>others" not in shown and "<i>" not in shown


def outside(name: str) -> bytes:
    """A model whose weights are said to lie in another file."""
    model = small()
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [4], [0.0] * 4)
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=name)
    model.graph.initializer.append(tensor)
    return bytes(model.SerializeToString())


def outside_in_a_branch() -> bytes:
    model = small()
    inner = onnx.load_from_string(outside("/etc/passwd")).graph
    node = helper.make_node("If", ["h"], ["x"], then_branch=inner, else_branch=inner)
    model.graph.node.append(node)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    "data", [outside("/etc/passwd"), outside("../../secret"), outside_in_a_branch()]
)
def test_weights_in_other_files_are_refused_unread(data: bytes) -> None:
    with pytest.raises(ModelFileError, match="other files"):
        describe(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 99, b"PK\x03\x04", b"\x3a\xff\xff\xff\xff\x0f", b"\x3a\x02\x08",
     b"\x08\x07" * 900_000],
    ids=["empty", "zeros", "zip", "too long", "cut", "too many"],
)  # fmt: skip
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ModelFileError):
        describe(data)


@pytest.mark.parametrize("length", [10, 100, 1_000, 100_000])
def test_a_model_that_is_cut_short_is_refused(length: int) -> None:
    with pytest.raises(ModelFileError):
        describe(qibu.bundled_models()["digits"].read_bytes()[:length])


def test_the_table_has_every_bundled_model() -> None:
    assert [row["name"] for row in table()] == list(qibu.bundled_models())
    shown = model_table(table(), "zh")
    assert all(name in shown for name in qibu.bundled_models())
    assert all(row["quality"] for row in table())


def test_a_step_is_measured_on_the_provider_that_runs() -> None:
    times = step_time("digits")
    assert 0 < times["median_us"] <= times["p95_us"] and times["provider"] == "cpu"
    assert "µs" in times_view([times], "en")


def test_only_bundled_names_are_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model"):
        opened(str(qibu.bundled_models()["poem"]))
    assert poets()[0] == "poem" and readers()[0] == "digits"
