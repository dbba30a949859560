from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

import qibu
from qibu.bundled import bundled_models, model_path


@pytest.mark.parametrize("name", bundled_models())
def test_every_bundled_model_starts_as_what_it_is(name: str) -> None:
    model = qibu.load(name)
    spec = model.stepper.spec
    assert spec and spec.quality
    assert isinstance(model, qibu.Poet) == (spec.task == "text")
    assert spec.quantization == "int8" or spec.part["cell"] == "bilstm"


@pytest.mark.parametrize("name", bundled_models())
def test_other_providers_get_the_same_weights_in_float(name: str) -> None:
    on_cpu, elsewhere = (qibu.Stepper(model_path(name, p)) for p in ("cpu", "cuda"))
    assert on_cpu.spec and elsewhere.spec
    assert on_cpu.spec.weights_sha256 == elsewhere.spec.weights_sha256
    assert elsewhere.spec and elsewhere.spec.quantization != "int8"


def test_a_state_s_values_go_on_in_the_other_arithmetic_where_that_is_asked_for() -> None:
    whole, real = (qibu.Stepper(model_path("poem", p)) for p in ("cpu", "cuda"))
    _, state = whole.step({"tokens": [[60, 61, 62]]}, whole.initial_state())
    with pytest.raises(qibu.InputError, match="another model"):
        real.step({"tokens": [[63]]}, state)
    outputs, _ = real.step({"tokens": [[63]]}, real.state_from(state))
    wanted, _ = whole.step({"tokens": [[63]]}, state)
    assert abs(outputs["logits"] - wanted["logits"]).mean() < 0.2


def test_a_file_of_format_1_still_reads_digits() -> None:
    old = qibu.load(Path(__file__).parents[1] / "core" / "formats" / "1-digits-rnn.onnx")
    new = qibu.load("digits-rnn")
    assert (old.stepper.spec.format_version, new.stepper.spec.format_version) == (1, 2)
    picture = np.random.default_rng(0).random((28, 28), np.float32)
    assert np.array_equal(old.read(picture).rows, new.read(picture).rows)


def test_auto_takes_what_works_here() -> None:
    if "CUDAExecutionProvider" in ort.get_available_providers():
        pytest.skip("a GPU provider may be taken here")
    assert qibu.load("digits", provider="auto").stepper.provider == "cpu"


def test_a_path_is_taken_as_it_is_for_every_provider() -> None:
    path = bundled_models()["poem"]
    assert model_path(path, "cuda") == Path(path)
