"""From a checkpoint to a self-describing model file, or to none."""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest

from qibu.cli.main import main
from qibu.core.errors import ModelFileError, NotStreamingError
from qibu.core.model_file import KEY, ModelSpec
from qibu.core.port import StatePair
from qibu.core.stepper import Stepper
from qibu.text.vocabulary import Vocabulary
from qibu_export.module.description import weights_digest
from qibu_export.module.stepping import LIMIT
from qibu_export.poems.application import add_simplified
from qibu_export.trained.export import export, verify_file
from qibu_train.core.checkpoint import Checkpoint

MakeCheckpoint = Callable[..., Checkpoint]
SaveRun = Callable[[Checkpoint, Path], Path]


def read_spec(path: Path) -> ModelSpec:
    properties = {p.key: p.value for p in onnx.load(path).metadata_props}
    return ModelSpec.from_json(properties[KEY])


# --- what the file says of itself


def test_the_metadata_is_the_spec_of_the_checkpoint(checkpoint: Checkpoint, out: Path) -> None:
    export(checkpoint, out)
    spec, config = read_spec(out), checkpoint.config
    assert spec.trace is not None and len(spec.trace.steps) >= 1
    assert spec.task == checkpoint.application.file_task
    part = {name: spec.part[name] for name in ("cell", "num_layers", "hidden_size")}
    assert part == {name: getattr(config, name) for name in part}
    letters = {"bilstm": "", "lstm": "hc"}.get(config.cell, "h")
    shape = (config.num_layers, None, config.hidden_size)
    wanted = [StatePair(f"{n}_in", f"{n}_out", shape, batch_axis=1) for n in letters]
    assert list(spec.states) == wanted and spec.streaming == bool(letters)
    assert spec.weights_sha256 == weights_digest(checkpoint.weights)
    assert spec.quantization is None


def test_the_training_record_is_in_the_metadata(checkpoint: Checkpoint, out: Path) -> None:
    export(checkpoint, out)
    training = read_spec(out).training
    record = {"config": checkpoint.config.to_json(), **checkpoint.record}
    assert record.items() <= training.items()


def test_opset_and_ir_version_are_those_of_the_oldest_onnxruntime(
    checkpoint: Checkpoint, out: Path
) -> None:
    export(checkpoint, out)
    model = onnx.load(out)
    assert model.ir_version == 8
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 18)]


def test_a_bidirectional_file_has_no_states(make_checkpoint: MakeCheckpoint, out: Path) -> None:
    export(make_checkpoint("digits", "bilstm"), out)
    stepper = Stepper(out)
    assert stepper.spec is not None and not stepper.spec.streaming
    assert stepper.spec.states == ()
    assert set(stepper.inputs) == {"rows"} and set(stepper.outputs) == {"probabilities"}
    with pytest.raises(NotStreamingError):
        stepper.initial_state()


def test_the_hash_of_weights_does_not_depend_on_their_order(checkpoint: Checkpoint) -> None:
    backwards = dict(reversed(checkpoint.weights.items()))
    assert list(backwards) != list(checkpoint.weights)
    assert weights_digest(backwards) == weights_digest(checkpoint.weights)


def test_another_weight_gives_another_hash(make_checkpoint: MakeCheckpoint) -> None:
    one, other = make_checkpoint("digits", "gru"), make_checkpoint("digits", "gru")
    other.weights["head.bias"][0] += 1e-3
    assert weights_digest(one.weights) != weights_digest(other.weights)


def test_two_exports_are_the_same_bytes(checkpoint: Checkpoint, tmp_path: Path) -> None:
    export(checkpoint, tmp_path / "a.onnx")
    export(checkpoint, tmp_path / "b.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


# --- the file stands alone and is no larger than it must be


def test_the_file_needs_no_other_file(checkpoint: Checkpoint, out: Path, tmp_path: Path) -> None:
    export(checkpoint, out)
    alone = tmp_path / "elsewhere" / "moved.onnx"
    alone.parent.mkdir()
    shutil.move(out, alone)
    model = onnx.load(alone, load_external_data=False)
    assert all(t.data_location == onnx.TensorProto.DEFAULT for t in model.graph.initializer)
    assert verify_file(alone, checkpoint).difference <= LIMIT


def test_the_tied_embedding_is_stored_once(make_checkpoint: MakeCheckpoint, out: Path) -> None:
    characters = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
    checkpoint = make_checkpoint("poem", "gru", characters=characters)
    export(checkpoint, out)
    model = onnx.load(out)
    weights = 4 * sum(value.numel() for value in checkpoint.weights.values())
    metadata = sum(len(p.value.encode()) for p in model.metadata_props)
    graph = 8_000  # nodes, names and shapes; a second embedding would be 193 kB
    assert weights < out.stat().st_size - metadata < weights + graph


# --- the command


@pytest.mark.parametrize("full_at", [1, 2])
def test_a_full_disk_leaves_no_file(
    full_at: int,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save, saved = onnx.save, list[Path]()

    def fill_disk(model: onnx.ModelProto, path: Path, **options: Any) -> None:
        saved.append(path)
        if len(saved) < full_at:
            return save(model, path, **options)
        path.write_bytes(model.SerializeToString()[:1000])
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    run = save_run(make_checkpoint("digits", "gru"), out.parent.parent / "run")
    monkeypatch.setattr(onnx, "save", fill_disk)
    assert main(["export", str(run), "--out", str(out)]) == 2
    stdout, stderr = capsys.readouterr()
    assert stdout == "" and "No space left on device" in stderr
    assert len(saved) == full_at
    assert os.listdir(out.parent) == []


def test_the_command_writes_into_the_run_and_says_how_well_it_agrees(
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = save_run(make_checkpoint("digits", "lstm"), tmp_path / "run")
    assert main(["export", str(run)]) == 0
    stdout, stderr = capsys.readouterr()
    assert "max |onnx - torch|" in stdout and f"wrote {run / 'model.onnx'}" in stdout
    assert stderr == ""
    assert set(os.listdir(run)) == {"best.pt", "model.onnx"}


@pytest.mark.parametrize("name", ["model", "model.pt", "model.onnx.zip"])
def test_a_name_that_does_not_end_in_onnx_is_refused(
    name: str, make_checkpoint: MakeCheckpoint, save_run: SaveRun, tmp_path: Path
) -> None:
    checkpoint = make_checkpoint("digits", "rnn")
    run = save_run(checkpoint, tmp_path / "run")
    with pytest.raises(ModelFileError, match=r"ends in \.onnx"):
        export(checkpoint, tmp_path / name)
    assert main(["export", str(run), "--out", str(tmp_path / name)]) == 2
    assert os.listdir(tmp_path) == ["run"]


def test_a_missing_run_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path / "none")]) == 2
    assert "qibu train" in capsys.readouterr().err


def test_evaluate_notes_the_perplexity(
    make_checkpoint: MakeCheckpoint, save_run: SaveRun, poem_folder: Path, tmp_path: Path
) -> None:
    run = save_run(make_checkpoint("poem", "gru"), tmp_path / "run")
    assert main(["export", str(run), "--evaluate", "--from", str(poem_folder)]) == 0
    quality = read_spec(run / "model.onnx").quality
    assert quality["poems"] == 5 and quality["characters"] == 100
    assert quality["split"] == "test" and quality["perplexity"] > 1


@pytest.mark.parametrize("cell", ["lstm", "bilstm"])
def test_evaluate_notes_the_accuracy(
    cell: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    digit_folder: Path,
    tmp_path: Path,
) -> None:
    run = save_run(make_checkpoint("digits", cell), tmp_path / "run")
    assert main(["export", str(run), "--evaluate", "--from", str(digit_folder)]) == 0
    quality = read_spec(run / "model.onnx").quality
    assert quality["pictures"] == 20 and quality["accuracy"] == quality["right"] / 20
    assert len(quality.get("accuracy_by_row", [])) == (28 if cell == "lstm" else 0)


def test_evaluate_prints_the_figures(
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    digit_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = save_run(make_checkpoint("digits", "bilstm"), tmp_path / "run")
    main(["export", str(run), "--evaluate", "--from", str(digit_folder)])
    assert "\npictures: 20\n" in capsys.readouterr().out


def test_evaluate_without_the_data_writes_no_file(
    make_checkpoint: MakeCheckpoint, save_run: SaveRun, tmp_path: Path
) -> None:
    run = save_run(make_checkpoint("digits", "gru"), tmp_path / "run")
    assert main(["export", str(run), "--evaluate", "--from", str(tmp_path)]) == 2
    assert os.listdir(run) == ["best.pt"]


# --- the simplified twins


def vocabulary_of(characters: str) -> Vocabulary:
    return Vocabulary(("<unk>", "<title>", "<poem>", "<end>"), characters, characters)


def test_each_character_gets_its_simplified_twin() -> None:
    assert add_simplified(vocabulary_of("國後后山，")).simplified == "国后后山，"


def test_the_twins_leave_the_characters_as_they_are() -> None:
    vocabulary = vocabulary_of("國後后")
    assert replace(add_simplified(vocabulary), simplified="國後后") == vocabulary


def test_a_character_without_a_twin_of_one_character_keeps_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Converter:
        def __init__(self, direction: str) -> None:
            assert direction == "t2s"

        def convert(self, text: str) -> str:
            return {"國": "国", "甲": "乙乙", "丙": ""}.get(text, text)

    monkeypatch.setattr("qibu_export.poems.application.OpenCC", Converter)
    assert add_simplified(vocabulary_of("國甲丙山")).simplified == "国甲丙山"


def test_the_twins_are_in_the_file(make_checkpoint: MakeCheckpoint, out: Path) -> None:
    checkpoint = make_checkpoint("poem", "rnn")
    export(checkpoint, out)
    vocabulary = Vocabulary.from_json(read_spec(out).part["vocabulary"])
    numbers = vocabulary.encode("國後東")
    assert vocabulary.decode(numbers) == "國後東"
    assert vocabulary.decode(numbers, simplified=True) == "国后东"


def test_the_file_says_how_many_numbers_were_trained(
    make_checkpoint: MakeCheckpoint, out: Path
) -> None:
    export(make_checkpoint("digits", "gru"), out)
    # three gates of 16 from 28 inputs and 16 states with two biases, and ten digits
    assert read_spec(out).parameters == 3 * 16 * (28 + 16 + 2) + 10 * (16 + 1)


def test_the_file_names_its_preset_and_what_was_changed(
    make_checkpoint: MakeCheckpoint, out: Path
) -> None:
    export(make_checkpoint("digits", "gru", seed=3), out)
    training = read_spec(out).training
    assert training["preset"] == "digits-gru"
    assert training["changed"] == {"hidden_size": 16, "num_layers": 1}
    assert training["config"]["seed"] == 3
