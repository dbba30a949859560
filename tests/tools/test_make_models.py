"""What `make models` does in which order, with the program itself left out."""

from dataclasses import replace
from pathlib import Path

import pytest

import make_models
import qibu.quality.catalogue
from make_models import MODELS, RECIPES, main
from qibu.bundled import bundled_models
from qibu.core.model_file import ModelSpec
from qibu.quality.catalogue import read_spec
from qibu_train.applications import PRESETS
from qibu_train.core.checkpoint import BEST, LAST

ACCURACIES = {"digits-lstm-0": 0.7, "digits-lstm-1": 0.9, "digits-lstm-2": 0.8}


class Program:
    """Stands for `qibu`: notes how it was called and leaves the files that it would."""

    def __init__(self, spec: ModelSpec) -> None:
        self.calls: list[list[str]] = []
        self.spec = spec

    def __call__(self, arguments: list[str]) -> int:
        self.calls.append(arguments)
        if arguments[0] == "train":
            run = Path(arguments[arguments.index("--run") + 1])
            run.mkdir(parents=True, exist_ok=True)
            for name in (LAST, BEST):
                if not (run / name).is_file():
                    (run / name).touch()
        if arguments[0] == "export":
            out = Path(arguments[arguments.index("--out") + 1])
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(Path(arguments[1]).name, "utf-8")
        return 0

    def read_spec(self, file: Path) -> ModelSpec:
        accuracy = ACCURACIES.get(file.read_text("utf-8"), 0.5)
        figures = {"validation_accuracy": accuracy, "validation_perplexity": 100.0}
        record = {**figures, "cpu_seconds": 10.0}
        return replace(self.spec, training=record, quality={"accuracy": accuracy - 0.1})

    def of(self, command: str) -> list[list[str]]:
        return [call for call in self.calls if call[0] == command]


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    program = Program(read_spec(bundled_models()["digits"]))
    monkeypatch.setattr(make_models, "qibu", program)
    for module in (make_models, qibu.quality.catalogue):
        monkeypatch.setattr(module, "read_spec", program.read_spec)
    return program


def make(tmp_path: Path, *names: str) -> None:
    main([*names, "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out")])


def test_every_recipe_has_a_preset() -> None:
    assert all((recipe.task, recipe.cell) in PRESETS for recipe in RECIPES.values())


def test_every_bundled_model_is_made_by_it() -> None:
    assert set(bundled_models()) <= RECIPES.keys() | make_models.COPIES.keys()
    assert all(path.parent == MODELS for path in bundled_models().values())


def test_data_is_fetched_for_what_is_asked_alone(program: Program, tmp_path: Path) -> None:
    make(tmp_path, "digits-gru")
    assert program.of("fetch") == [["fetch", "digits"]]


def test_the_seed_that_validates_best_is_exported(program: Program, tmp_path: Path) -> None:
    make(tmp_path, "digits-lstm")
    assert len(program.of("train")) == 3
    assert (tmp_path / "out/digits-lstm.onnx").read_text("utf-8") == "digits-lstm-1"
    assert (tmp_path / "out/float/digits-lstm.onnx").read_text("utf-8") == "digits-lstm-1"


def test_a_second_run_begins_with_the_first_one_s_weights(program: Program, tmp_path: Path) -> None:
    make(tmp_path, "poem")
    first, second = program.of("train")
    assert second[second.index("--init") + 1] == str(tmp_path / "runs/poem-5/float.onnx")
    assert "dropout=0.25" in second and "--init" not in first
    assert (tmp_path / "out/poem.onnx").read_text("utf-8") == "poem-5-then"


def test_a_run_that_is_there_is_gone_on_with(program: Program, tmp_path: Path) -> None:
    (tmp_path / "runs/digits-lstm-1").mkdir(parents=True)
    (tmp_path / "runs/digits-lstm-1" / LAST).touch()
    make(tmp_path, "digits-lstm")
    assert ["--resume" in call for call in program.of("train")] == [False, True, False]


def test_the_best_cell_that_streams_is_the_digits_model(program: Program, tmp_path: Path) -> None:
    make(tmp_path, *(name for name in RECIPES if name.startswith("digits-")))
    assert (tmp_path / "out/digits.onnx").read_text("utf-8") == "digits-lstm-1"


def test_a_cell_that_reads_both_ways_is_kept_in_8_bits_alone(
    program: Program, tmp_path: Path
) -> None:
    make(tmp_path, "digits-bilstm")
    assert all("--int8-weights" in call for call in program.of("export"))
    assert not list((tmp_path / "out/float").iterdir())


def test_what_is_exported_already_is_not_exported_again(program: Program, tmp_path: Path) -> None:
    make(tmp_path, "digits-bilstm")
    make(tmp_path, "digits-bilstm")
    assert len(program.of("export")) == 3


def test_the_mean_of_the_seeds_is_told(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path, "digits-lstm")
    told = "digits-lstm: accuracy 70.00% (60.00% to 80.00%, 3 seeds), 10 s of one core an epoch"
    assert told in capsys.readouterr().out


def test_a_failure_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(make_models, "qibu", lambda arguments: 2)
    with pytest.raises(SystemExit) as ended:
        make(tmp_path, "digits-gru")
    assert ended.value.code == 2
