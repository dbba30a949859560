"""Tiny made-up corpora in the real file formats, and configs that train on them in a moment."""

import json
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import qibu_train.digits.task
from qibu.verse.poem_corpus import split_of
from qibu_train.digits.config import DigitConfig
from qibu_train.poems.config import PoemConfig

# a poem walks through one of these rings of characters, so there is something to learn
RINGS = ("山月照松風夜靜", "江水流春花落盡", "白雲歸故里秋深")
AUTHORS = ("李白", "杜甫", "王維")


def _line(chance: random.Random, length: int) -> str:
    ring = chance.choice(RINGS)
    start = chance.randrange(len(ring))
    return "".join(ring[(start + i) % len(ring)] for i in range(length))


def make_poem(chance: random.Random) -> dict[str, object]:
    length, couplets = chance.choice((5, 7)), chance.choice((2, 4))
    paragraphs = [f"{_line(chance, length)}，{_line(chance, length)}。" for _ in range(couplets)]
    return {"author": chance.choice(AUTHORS), "title": _line(chance, 3), "paragraphs": paragraphs}


def make_poems(seed: int) -> list[dict[str, object]]:
    """Make 110 training poems, 6 validation ones and 4 test ones."""
    chance = random.Random(seed)
    wanted = {"train": 110, "validation": 6, "test": 4}
    poems: dict[str, dict[str, object]] = {}  # by text, since a corpus reads a text once
    while any(wanted.values()):
        poem = make_poem(chance)
        text = "".join(poem["paragraphs"])  # type: ignore[arg-type]
        split = split_of(text.replace("，", "").replace("。", ""))
        if text not in poems and wanted[split]:
            wanted[split] -= 1
            poems[text] = poem
    return list(poems.values())


@pytest.fixture(scope="session")
def poem_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a Tang file and a Song file."""
    folder = tmp_path_factory.mktemp("poems")
    for seed, dynasty in enumerate(("tang", "song")):
        text = json.dumps(make_poems(seed), ensure_ascii=False)
        (folder / f"poet.{dynasty}.0.json").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def digit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with 140 training pictures, each with as many bright rows as it says."""
    folder = tmp_path_factory.mktemp("digits")
    chance = np.random.default_rng(0)
    labels = chance.integers(0, 10, 140).astype(np.uint8)
    pictures = chance.integers(0, 60, (140, 28, 28)).astype(np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        picture[: 2 * int(label) + 2] += 180
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", *pictures.shape)
    (folder / "train-images-idx3-ubyte").write_bytes(header + pictures.tobytes())
    header = bytes([0, 0, 8, 1]) + struct.pack(">I", len(labels))
    (folder / "train-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
    return folder


@pytest.fixture
def poem_config() -> PoemConfig:
    """Give a run of three epochs, the first of them with the Song poems."""
    return PoemConfig(
        cell="lstm",
        hidden_size=8,
        num_layers=1,
        dropout=0.2,
        epochs=3,
        song_epochs=1,
        batch_units=600,
        learning_rate=2e-2,
        authors=2,
        bfloat16=False,
    )


@pytest.fixture
def digit_config() -> DigitConfig:
    """Give a run of three epochs with augmentation."""
    return DigitConfig(
        cell="bilstm",
        hidden_size=8,
        num_layers=1,
        dropout=0.2,
        epochs=3,
        batch_units=8,
        learning_rate=3e-2,
        augment=0.3,
        bfloat16=False,
    )


@pytest.fixture(autouse=True)
def _few_validation_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qibu_train.digits.task, "VALIDATION_PICTURES", 40)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Compute on one thread: sums then have one order, and tiny tensors are quicker."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
