"""Weights read back out of model files, whatever they are for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import helper, numpy_helper

from qibu.bundled import model_path
from qibu.core.errors import ModelFileError
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


@pytest.mark.parametrize("name", ["poem", "poem-gru", "digits-lstm", "digits-gru", "digits-rnn"])
def test_weights_in_8_bits_are_read_back_to_the_rounding(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(model_path(name).read_bytes())
    stored, exact = read_weights(str(path)), read_weights(name)
    assert (stored.cell, stored.hidden_size) == (exact.cell, exact.hidden_size)
    own, wanted = stored.recurrent(), exact.recurrent()
    steps = [value * 127 for key, value in constants_of(path).items() if key.endswith("_step")]
    # halved gates come back doubled, so half a step of theirs is a whole one here
    limit = max(float(step.max()) for step in steps)
    for layer in range(stored.num_layers):
        # one bias of two may hold the sum of both, and the float file has them in 8 bits
        of_inputs, of_state = f"rnn.bias_ih_l{layer}", f"rnn.bias_hh_l{layer}"
        bias, reference = (w[of_inputs] + w[of_state] for w in (own, wanted))
        assert (bias - reference).abs().max() <= 0.02 * reference.abs().max()
        for end in ("ih", "hh"):
            key = f"rnn.weight_{end}_l{layer}"
            if (layer, end) != (0, "ih"):  # which has what its inputs were multiplied by
                assert (own[key] - wanted[key]).abs().max() <= limit


def constants_of(path: Path) -> dict[str, Any]:
    """Give all constants of a file, those inside a loop as well."""
    graphs = [onnx.load(path).graph]
    graphs += [a.g for node in graphs[0].node for a in node.attribute if a.name == "body"]
    return {c.name: numpy_helper.to_array(c) for graph in graphs for c in graph.initializer}


def test_a_file_without_layers_of_ours_is_an_error(model: onnx.ModelProto, tmp_path: Path) -> None:
    del model.graph.node[:]
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(ModelFileError, match=r"a\.onnx has no recurrent layers of `qibu export`'s"):
        read_weights(str(tmp_path / "a.onnx"))


def test_what_belongs_to_the_task_is_found_in_both_formats() -> None:
    stored, own = read_weights("digits-rnn"), {"preprocessing": {"rows": "28"}}
    for metadata in ({"task": "digits", **own}, {"task": "digits", "digits": own}):
        assert replace(stored, metadata=metadata).task_metadata["preprocessing"] == {"rows": "28"}
