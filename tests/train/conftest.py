"""Tiny made-up corpora in the real file formats, and configs that train on them in a moment."""

import json
import random
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import qibu_train.digits.task
from qibu.verse.poem_corpus import split_of
from qibu_train.core.application import APPLICATIONS, Application
from qibu_train.core.recurrent import RecurrentNetwork, State
from qibu_train.core.run_config import RunConfig
from qibu_train.core.task import zero_loss
from qibu_train.digits.config import DigitConfig
from qibu_train.own_text.config import TextConfig
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


@pytest.fixture(scope="session")
def text_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a text of two documents of some 4,000 bytes."""
    folder = tmp_path_factory.mktemp("text")
    chance = random.Random(0)
    for name in ("one.txt", "two.txt"):
        lines = [f"{_line(chance, 5)}, {_line(chance, 7)}.\n" for _ in range(100)]
        (folder / name).write_text("".join(lines), "utf-8")
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


@pytest.fixture
def text_config() -> TextConfig:
    """Give a run of three epochs whose state is carried from batch to batch."""
    return TextConfig(
        cell="lstm",
        hidden_size=8,
        num_layers=1,
        dropout=0.2,
        epochs=3,
        minutes=0.0,
        patience=0,
        batch_units=128,
        validate_steps=0,
        window=16,
        learning_rate=2e-2,
        unit="char",
        bfloat16=False,
    )


@dataclass(frozen=True, kw_only=True)
class SumConfig(RunConfig):
    """A run on the sums of numbers."""

    task: ClassVar[str] = "sum"

    noise: float = 0.0


class SumNetwork(RecurrentNetwork):
    """Numbers in, their sum out, in units of a scale."""

    def __init__(self, config: SumConfig, scale: float) -> None:
        super().__init__(config.cell, 1, config.hidden_size, config.num_layers, config.dropout)
        self.head, self.scale = nn.Linear(self.kind.directions * config.hidden_size, 1), scale

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        outputs, state = self.recur(inputs, state)
        return self.head(outputs[:, -1])[:, 0] * self.scale, state


class SumTask:
    """Rows of `numbers.npy` and what they add up to; the last 16 are for the validation."""

    def __init__(self, config: SumConfig, folder: Path) -> None:
        self.config = config
        self._rows = torch.from_numpy(np.load(folder / "numbers.npy"))
        self.extra = self._rows.abs().sum(1).max().item()

    def prepare(self, network: nn.Module) -> None:
        cast(SumNetwork, network).head.bias.data.zero_()

    def epoch_units(self, epoch: int) -> int:
        return len(self._rows) - 16

    def plan(self, epoch: int, world_size: int = 1) -> list[Tensor]:
        generator = torch.Generator().manual_seed(epoch)
        order = torch.randperm(self.epoch_units(epoch), generator=generator)
        return list(torch.split(order, self.config.batch_units * world_size))

    def count(self, examples: Tensor) -> int:
        return len(examples)

    def collate(self, examples: Tensor) -> tuple[Tensor, ...]:
        rows = self._rows[examples]
        return rows[..., None] + self.config.noise * torch.randn(*rows.shape, 1), rows.sum(1)

    def loss(self, network: nn.Module, rows: Tensor, sums: Tensor) -> Tensor:
        return (network(rows)[0] - sums).square().sum() if len(rows) else zero_loss(network)

    def validate(self, network: nn.Module) -> dict[str, Any]:
        rows = self._rows[-16:]
        return {"error": self.loss(network, rows[..., None], rows.sum(1)).item() / len(rows)}


def _write_scale(scale: float) -> dict[str, Any]:
    return {"scale": scale}


def _read_scale(values: Mapping[str, Any]) -> float:
    return float(values["scale"])


@pytest.fixture
def sum_config() -> SumConfig:
    """Give a run of three epochs of a task that isn't Qibu's own."""
    return SumConfig(
        cell="gru",
        hidden_size=8,
        num_layers=1,
        dropout=0.0,
        epochs=3,
        batch_units=8,
        learning_rate=2e-2,
        bfloat16=False,
    )


@pytest.fixture
def sum_application(
    sum_config: SumConfig, monkeypatch: pytest.MonkeyPatch
) -> Application[SumConfig, float]:
    """Register a task that isn't Qibu's own, and give it."""
    application = Application(
        config=SumConfig,
        presets={"gru": sum_config},
        network=SumNetwork,
        task=SumTask,
        file_task="sum",
        measure="error",
        lower_is_better=True,
        unit="rows",
        write_extra=_write_scale,
        read_extra=_read_scale,
    )
    monkeypatch.setitem(APPLICATIONS, application.name, application)
    return application


@pytest.fixture(scope="session")
def sum_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with 80 rows of five numbers."""
    folder = tmp_path_factory.mktemp("sum")
    np.save(folder / "numbers.npy", np.random.default_rng(0).normal(size=(80, 5)).astype("f4"))
    return folder


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
