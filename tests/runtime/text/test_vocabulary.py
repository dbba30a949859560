"""A vocabulary serves any text; what poems need besides is the poet's to ask."""

from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from onnx import helper

from qibu import ModelFileError, Poet, Stepper, Vocabulary
from qibu.core.model_file import KEY, ModelSpec
from qibu.verse.prompt import POEM


def test_any_text_has_a_vocabulary_with_no_control_but_the_unknown() -> None:
    vocabulary = Vocabulary(("<unk>",), "abc", "abc")
    assert vocabulary.encode("cab?", "replace") == [3, 1, 2, 0]
    assert vocabulary.decode([3, 1, 2, 0]) == "cab"


def test_a_vocabulary_without_the_unknown_is_an_error() -> None:
    with pytest.raises(ModelFileError, match=r"<unk>.*<end>"):
        Vocabulary(("<end>",), "abc", "abc")


def test_a_poet_refuses_the_model_of_another_text(
    text_model: onnx.ModelProto, text_spec: ModelSpec, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    controls = tuple(c if c != POEM else "<novel>" for c in vocabulary.controls)
    other = replace(vocabulary, controls=controls)
    part = {**text_spec.part, "vocabulary": other.to_json()}
    model = onnx.ModelProto()
    model.CopyFrom(text_model)
    helper.set_model_props(model, {KEY: replace(text_spec, part=part).to_json()})
    onnx.save(model, tmp_path / "novel.onnx")
    stepper = Stepper(tmp_path / "novel.onnx")  # which steps all the same
    with pytest.raises(ModelFileError, match=r"novel\.onnx.*<poem>"):
        Poet(stepper)
