"""Weights read back out of model files, whatever they are for."""

from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from onnx import helper

from qibu.bundled import model_path
from qibu.core.errors import InputError, ModelFileError
from qibu_train.core.initial_weights import read_weights


@pytest.fixture
def model() -> onnx.ModelProto:
    return onnx.load(model_path("digits-rnn", "cuda"))


def test_a_file_is_named_without_its_folder(model: onnx.ModelProto, tmp_path: Path) -> None:
    onnx.save(model, tmp_path / "mine.onnx")
    assert read_weights(str(tmp_path / "mine.onnx")).record["name"] == "mine.onnx"


def test_a_file_without_metadata_is_an_error(model: onnx.ModelProto, tmp_path: Path) -> None:
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelFileError, match=r"a\.onnx has no 'qibu' metadata"):
        read_weights(str(tmp_path / "a.onnx"))


def test_metadata_that_is_no_json_is_an_error(model: onnx.ModelProto, tmp_path: Path) -> None:
    helper.set_model_props(model, {"qibu": "{"})
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelFileError, match="isn't JSON"):
        read_weights(str(tmp_path / "a.onnx"))


def test_a_file_that_lacks_a_weight_is_an_error(model: onnx.ModelProto, tmp_path: Path) -> None:
    kept = [c for c in model.graph.initializer if not c.name.startswith("W1")]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelFileError, match=r"a\.onnx has no weight 'W1'"):
        read_weights(str(tmp_path / "a.onnx")).recurrent()


def test_own_files_in_8_bits_are_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(model_path("digits-rnn").read_bytes())
    with pytest.raises(InputError, match=r"multiplies in 8 bits.*--int8-weights"):
        read_weights(str(tmp_path / "mine.onnx"))


def test_what_belongs_to_the_task_is_found_in_both_formats() -> None:
    stored, own = read_weights("digits-rnn"), {"preprocessing": {"rows": "28"}}
    for metadata in ({"task": "digits", **own}, {"task": "digits", "digits": own}):
        assert replace(stored, metadata=metadata).task_metadata["preprocessing"] == {"rows": "28"}
