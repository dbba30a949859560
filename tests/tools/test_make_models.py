"""What `make models` does in which order, with the program itself left out."""

import json
from pathlib import Path

import pytest

import make_models
from make_models import MODELS, RECIPES, main
from qibu.loading import bundled_models
from qibu_train.checkpoint import LAST
from qibu_train.presets import PRESETS

ACCURACIES = {"digits-lstm-0": 0.7, "digits-lstm-1": 0.9, "digits-lstm-2": 0.8}


class Program:
    """Stands for `qibu`: notes how it was called and leaves the files that it would."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, arguments: list[str]) -> int:
        self.calls.append(arguments)
        if arguments[0] == "train":
            run = Path(arguments[arguments.index("--run") + 1])
            run.mkdir(parents=True, exist_ok=True)
            row = {"validation_accuracy": ACCURACIES.get(run.name, 0.5)}
            (run / "history.jsonl").write_text(json.dumps(row) + "\n")
            (run / LAST).touch()
        if arguments[0] == "export":
            out = Path(arguments[arguments.index("--out") + 1])
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(arguments[1])
        return 0

    def of(self, command: str) -> list[list[str]]:
        return [call for call in self.calls if call[0] == command]


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    program = Program()
    monkeypatch.setattr(make_models, "qibu", program)
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
    assert (tmp_path / "out/digits-lstm.onnx").read_text().endswith("digits-lstm-1")
    assert (tmp_path / "out/float/digits-lstm.onnx").read_text().endswith("digits-lstm-1")


def test_a_run_that_is_there_is_gone_on_with(program: Program, tmp_path: Path) -> None:
    (tmp_path / "runs/digits-lstm-1").mkdir(parents=True)
    (tmp_path / "runs/digits-lstm-1" / LAST).touch()
    make(tmp_path, "digits-lstm")
    assert ["--resume" in call for call in program.of("train")] == [False, True, False]


def test_the_best_cell_that_streams_is_the_digits_model(program: Program, tmp_path: Path) -> None:
    make(tmp_path, *(name for name in RECIPES if name.startswith("digits-")))
    assert (tmp_path / "out/digits.onnx").read_text().endswith("digits-lstm-1")


def test_a_cell_that_reads_both_ways_is_kept_in_8_bits_alone(
    program: Program, tmp_path: Path
) -> None:
    make(tmp_path, "digits-bilstm")
    (call,) = program.of("export")
    assert "--int8-weights" in call


def test_a_failure_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(make_models, "qibu", lambda arguments: 2)
    with pytest.raises(SystemExit) as ended:
        make(tmp_path, "digits-gru")
    assert ended.value.code == 2
