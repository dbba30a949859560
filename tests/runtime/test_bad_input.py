import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

import qibu
from qibu import InputError, ModelFileError, ProviderError, State, Stepper
from qibu.core.model_file import KEY, ModelSpec
from qibu.text.vocabulary import Vocabulary


@pytest.fixture
def rewritten(
    text_model: onnx.ModelProto, text_spec: ModelSpec, tmp_path: Path
) -> Callable[..., Path]:
    """Give a maker of the text model with other metadata."""

    def make(raw: str | None = None, **changes: Any) -> Path:
        document = json.loads(text_spec.to_json())
        document["text"] |= changes.pop("text", {})
        document |= changes
        model = onnx.ModelProto.FromString(text_model.SerializeToString())
        helper.set_model_props(model, {KEY: json.dumps(document) if raw is None else raw})
        onnx.save(model, tmp_path / "odd.onnx")
        return tmp_path / "odd.onnx"

    return make


def test_no_such_model_is_an_error_that_lists_the_bundled() -> None:
    with pytest.raises(ModelFileError, match=r"digits, .*poem"):
        qibu.load("sonnet")


def test_a_file_that_is_not_onnx_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_text("not a model", "utf-8")
    with pytest.raises(ModelFileError, match="not an ONNX model"):
        Stepper(tmp_path / "m.onnx")


def test_a_truncated_file_is_an_error_wherever_it_ends(poem_file: Path) -> None:
    whole = poem_file.read_bytes()
    for share in (0.01, 0.3, 0.9):
        poem_file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ModelFileError):
            Stepper(poem_file)


@pytest.mark.parametrize("text", ["{", "[]", "3", "{}", '{"format_version": "x"}'])
def test_metadata_that_is_no_spec_is_an_error(rewritten: Callable[..., Path], text: str) -> None:
    with pytest.raises(ModelFileError, match=r"odd\.onnx: 'qibu' metadata"):
        Stepper(rewritten(text))


def test_a_newer_format_asks_for_a_newer_qibu(rewritten: Callable[..., Path]) -> None:
    with pytest.raises(ModelFileError, match="pip install --upgrade"):
        Stepper(rewritten(format_version=3))


PAIR = {
    "input": "h_in",
    "output": "h_out",
    "shape": [1, None, 8],
    "dtype": "float32",
    "batch_axis": 1,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"text": {"hidden_size": 9}},
        {"text": {"hidden_size": 9}, "states": [{**PAIR, "shape": [1, None, 9]}]},
        {"text": {"num_layers": 0}},
        {"streaming": False},
        {"task": "Music!"},
        {"task": "digits"},
        {"states": [{**PAIR, "input": "x_in"}]},
        {"states": [{**PAIR, "dtype": "float64"}]},
        {"states": [{"input": "h_in"}]},
        {"states": 3},
        {"defaults": {"speed": 1}},
        {"text": {"vocabulary": {"controls": [], "characters": "", "simplified": ""}}},
        {"text": {"vocabulary": None}},
        {"states": [PAIR, PAIR]},
        {"states": [{**PAIR, "batch_axis": 0}]},
        {"states": [{**PAIR, "initial": "zero"}]},
        {"states": [{**PAIR, "initial": {"dtype": "float32", "shape": [3], "data": ""}}]},
        {"states": [{**PAIR, "initial": {"dtype": "float32", "shape": [3], "data": "A" * 16}}]},
        {"ports": {"tokens": {"time_axis": 7}}},
        {"ports": {"noise": {}}},
    ],
)
def test_metadata_that_contradicts_the_graph_or_itself_is_an_error(
    rewritten: Callable[..., Path], changes: dict[str, Any]
) -> None:
    with pytest.raises(ModelFileError, match=r"odd\.onnx"):
        Stepper(rewritten(**changes))


def test_a_vocabulary_of_another_size_than_the_logits_is_an_error(
    rewritten: Callable[..., Path], vocabulary: Vocabulary
) -> None:
    more = vocabulary.characters + "龘"
    longer = replace(vocabulary, characters=more, simplified=more)
    with pytest.raises(ModelFileError, match="vocabulary"):
        Stepper(rewritten(text={"vocabulary": longer.to_json()}))


def test_fields_that_a_reader_does_not_know_are_passed_over(rewritten: Callable[..., Path]) -> None:
    known = {**PAIR, "colour": "blue"}
    path = rewritten(extra=1, states=[known], text={"mood": 3}, ports={"tokens": {"shade": 2}})
    assert Stepper(path).initial_state()["h_in"].shape == (1, 1, 8)


def test_a_task_that_nothing_is_known_of_is_stepped(rewritten: Callable[..., Path]) -> None:
    stepper = qibu.load(rewritten(task="music"))
    assert isinstance(stepper, Stepper) and stepper.spec is not None
    assert stepper.spec.task == "music"


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "'?tokens'?.*missing"),
        ({"tokens": [[1]], "tone": 3}, "no input 'tone'"),
        ({"tokens": np.zeros((1, 0), np.int64)}, "empty"),
        ({"tokens": [1, 2]}, "shape"),
        ({"tokens": [[1], [2]]}, r"\[1, 'any'\]"),
        ({"tokens": [[0.5]]}, "must be int64"),
        ({"tokens": [["春"]]}, "must be int64"),
        ({"tokens": [[-1]]}, "0\\.\\."),
        ({"tokens": [[10**6]]}, "0\\.\\."),
        ({"tokens": [[1]], "temperature": [0.0]}, "temperature"),
        ({"tokens": [[1]], "temperature": [float("nan")]}, "NaN"),
        ({"tokens": [[1]], "temperature": [float("inf")]}, "temperature"),
        ({"tokens": [[1]], "top_k": [0]}, "top_k"),
        ({"tokens": [[1]], "top_k": [1000]}, "top_k"),
        ({"tokens": [[1]], "top_p": [0.0]}, "top_p"),
        ({"tokens": [[1]], "uniform": [1.0]}, "uniform"),
        ({"tokens": [[1]], "bias": [[0.0]]}, "bias"),
    ],
)
def test_a_wrong_input_is_an_error_that_names_it(
    poem_file: Path, inputs: dict[str, Any], message: str
) -> None:
    stepper = Stepper(poem_file)
    with pytest.raises(InputError, match=message):
        stepper.step(inputs, stepper.initial_state())


def test_a_mask_that_forbids_everything_is_an_error(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    mask = np.full((1, len(stepper.part.vocabulary)), -np.inf, np.float32)
    with pytest.raises(InputError, match="allow a token"):
        stepper.step({"tokens": [[1]], "bias": mask}, stepper.initial_state())


@pytest.mark.parametrize("batch", [0, -1, 1.5, "3"])
def test_a_batch_that_is_no_number_of_sequences_is_an_error(poem_file: Path, batch: Any) -> None:
    with pytest.raises(InputError, match="batch"):
        Stepper(poem_file).initial_state(batch)


def test_threads_below_one_are_an_error(poem_file: Path) -> None:
    with pytest.raises(InputError, match="threads"):
        Stepper(poem_file, threads=0)


def test_a_missing_provider_is_an_error_that_lists_those_present(poem_file: Path) -> None:
    with pytest.raises(ProviderError, match="cpu"):
        Stepper(poem_file, provider="qnn")


def test_auto_picks_a_provider_and_the_stepper_tells_which(poem_file: Path) -> None:
    assert Stepper(poem_file, provider="auto").provider in ("cpu", "cuda", "rocm")


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_saved_state_runs_no_code(tmp_path: Path) -> None:
    bomb = np.empty(1, object)
    bomb[0] = Bomb(tmp_path / "ran")
    with (tmp_path / "s.npz").open("wb") as stream:
        np.savez(stream, h_in=bomb)
    with pytest.raises(InputError, match="not a saved state"):
        State.load(tmp_path / "s.npz")
    (tmp_path / "t.npz").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    with pytest.raises(InputError, match="not a saved state"):
        State.load(tmp_path / "t.npz")
    assert not (tmp_path / "ran").exists()


def test_a_missing_or_cut_state_is_an_error(poem_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no state file"):
        State.load(tmp_path / "none.npz")
    path = tmp_path / "s.npz"
    Stepper(poem_file).initial_state().save(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match="not a saved state"):
        State.load(path)


def test_a_full_disk_leaves_the_old_state(
    poem_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Stepper(poem_file).initial_state()
    folder = tmp_path / "states"
    state.save(folder / "s.npz")
    before = (folder / "s.npz").read_bytes()

    def fail(stream: Any, **arrays: Any) -> None:
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="No space"):
        state.save(folder / "s.npz")
    assert [path.name for path in folder.iterdir()] == ["s.npz"]
    assert (folder / "s.npz").read_bytes() == before
