"""Cards: what a file says of itself, for people."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qibu.bundled import bundled_models
from qibu.cli.main import main
from qibu.core.model_file import ModelSpec
from qibu.data.registry import DATASETS
from qibu.quality.card import model_card
from qibu.quality.catalogue import read_spec
from qibu.quality.kind import qualities

CARDS = Path(__file__).parents[3] / "docs/models"


@pytest.mark.parametrize("name", bundled_models())
def test_the_card_of_a_bundled_model_is_the_one_in_the_docs(name: str) -> None:
    path = bundled_models()[name]
    wanted = model_card(name, read_spec(path), path.stat().st_size)
    assert (CARDS / f"{name}.md").read_text("utf-8") == wanted, "make it anew with `make cards`"


def test_there_is_no_card_without_its_model() -> None:
    assert {path.stem for path in CARDS.glob("*.md")} == set(bundled_models())


def test_every_data_set_has_its_place_on_a_card() -> None:
    sources = {name for quality in qualities() for name in quality.card.sources}
    assert sources == DATASETS.keys()


def test_a_card_is_made_of_a_file_alone(
    poem_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", "--card", str(poem_file)]) == 0
    card = capsys.readouterr().out
    assert card.startswith(f"# `{poem_file}`\n")
    assert (
        f'qibu.load("{poem_file}")' in card and "no record" in card and "None was measured" in card
    )


RECORD: Mapping[str, Any] = {
    "preset": "digits-gru",
    "changed": {"epochs": 3},
    "config": {"task": "digits", "cell": "gru", "seed": 5, "epochs": 3},
    "data": {"names": ["digits", "own"], "sha256": ["d" * 64, "e" * 64]},
    "versions": {"torch": "2.99"},
    "epoch": 2,
    "validation_accuracy": 0.987,
}
QUALITY: Mapping[str, Any] = {
    "accuracy": 0.9912,
    "right": 9912,
    "pictures": 10_000,
    "accuracy_by_row": [row / 28 for row in range(1, 29)],
    "float32": {"accuracy": 0.9931},
}


@pytest.fixture
def digits_card(digits_file: Path) -> str:
    spec = replace(read_spec(digits_file), training=RECORD, quality=QUALITY, parameters=12_345)
    return model_card("digits-gru", ModelSpec.from_json(spec.to_json()), 1_234_567)


def test_a_card_says_what_the_model_is(digits_card: str) -> None:
    assert "| cell | GRU, 1 × 8 |" in digits_card
    assert "| parameters | 12,345 |" in digits_card
    assert "| file | 1.23 MB, ONNX, format 2 |" in digits_card


def test_a_card_gives_figures_with_their_command(digits_card: str) -> None:
    assert "| accuracy | 99.12% | 99.31% | `qibu evaluate digits digits-gru` |" in digits_card
    assert "On 10,000 test pictures:" in digits_card


def test_a_card_tells_how_early_the_answer_is_there(digits_card: str) -> None:
    assert "| row | 4 | 8 | 12 | 16 | 20 | 24 | 28 |" in digits_card
    assert "| accuracy | 14.29% |" in digits_card


def test_a_card_says_how_the_training_is_repeated(digits_card: str) -> None:
    assert "$ qibu train digits --cell gru --seed 5 --set epochs=3\n" in digits_card
    assert "| preset | digits-gru |" in digits_card and "torch 2.99" in digits_card
    assert "| accuracy on the validation split | 98.70% |" in digits_card


def test_a_card_names_data_licence_and_hash(digits_card: str) -> None:
    assert f"CC BY-SA 3.0 | `qibu fetch digits` | `{'d' * 64}` |" in digits_card
    assert f"| own |  |  | `{'e' * 64}` |" in digits_card


def test_a_card_tells_what_title_and_author_are_worth(poem_file: Path) -> None:
    quality = {
        "perplexity": 250.04,
        "characters": 100,
        "poems": 3,
        "perplexity_with_title": 240.0,
        "perplexity_with_author": 248.0,
    }
    card = model_card("poem", replace(read_spec(poem_file), quality=quality), 1)
    assert "| 250.0 | `qibu evaluate poem poem` |" in card
    assert "| 240.0 | `qibu evaluate poem poem --with title` |" in card
    assert "| 248.0 | `qibu evaluate poem poem --with author` |" in card


def test_a_network_that_reads_both_ways_is_not_said_to_step(bilateral_file: Path) -> None:
    card = model_card("digits-bilstm", read_spec(bilateral_file), 1)
    assert "Not in C" in card and "--c " not in card


def test_a_file_that_says_nothing_has_no_card(
    foreign: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", "--card", str(foreign(("h", "hn")))]) == 2
    assert "qibu export" in capsys.readouterr().err


def test_the_table_has_a_row_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == list(bundled_models())
    assert len({len(line) for line in lines}) == 1  # columns stand under each other


def test_the_table_as_json_has_a_line_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == list(bundled_models())
    digits = next(row for row in rows if row["name"] == "digits")
    assert digits["figure"] == "accuracy" and 0.9 < digits["value"] < 1
    assert digits["bytes"] == bundled_models()["digits"].stat().st_size
