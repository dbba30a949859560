"""Tiny untrained runs of every task and cell, and tiny test data in the real file formats."""

import json
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from qibu.pictures.picture_format import MNIST, PictureFormat
from qibu.text.vocabulary import END, START, UNKNOWN, Vocabulary
from qibu.verse.forms import MODEL_FORMS
from qibu.verse.poem_corpus import split_of
from qibu.verse.prompt import BASE_CONTROLS, author_token, form_token
from qibu_train.applications import PRESETS
from qibu_train.core.application import build_network
from qibu_train.core.checkpoint import BEST, Checkpoint
from qibu_train.own_text.config import TextConfig, settle

CHARACTERS = "，。山月照松風夜靜江水流春花落盡白雲歸故里秋深國後后東"
CONTROLS = (*BASE_CONTROLS, *map(form_token, MODEL_FORMS), author_token("李白"))

PLAIN = (UNKNOWN, START, END)
PICTURES = {"digits": MNIST, "pictures": PictureFormat(17, 12, ("bag", 'a "?" b', "鞋"))}


@pytest.fixture(scope="session")
def make_checkpoint() -> Callable[..., Checkpoint]:
    """Give the function that makes a run's checkpoint with random weights of hidden size 16."""

    def make(
        task: str, cell: str, num_layers: int = 1, *, seed: int = 0, characters: str = CHARACTERS
    ) -> Checkpoint:
        preset = PRESETS[task, cell]
        if isinstance(preset, TextConfig):
            preset = settle(replace(preset, unit="char", split="part"), len(characters))
        config = replace(preset, hidden_size=16, num_layers=num_layers, seed=seed)
        controls = PLAIN if task == "text" else CONTROLS
        extra = PICTURES.get(task) or Vocabulary(controls, characters, characters)
        network = build_network(config, extra)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in network.parameters():
                # large enough that every gate opens and closes, and no bias stays 0
                parameter.uniform_(-0.5, 0.5, generator=generator)
        weights = {name: value.clone() for name, value in network.state_dict().items()}
        return Checkpoint(config, weights, extra, {"epoch": 3, "data": {"names": ["made up"]}})

    return make


# every cell of our own models; of those of a user, whose networks are the same, one of each kind
EXPORTED = [
    *(key for key in PRESETS if key[0] in ("poem", "digits")),
    ("text", "lstm"),
    ("pictures", "gru"),
    ("pictures", "bilstm"),
]
KEYS = [(*key, num_layers) for key in EXPORTED for num_layers in (1, 2)]


def _name(key: tuple[str, str, int]) -> str:
    return "-".join(map(str, key))


@pytest.fixture(params=KEYS, ids=_name)
def checkpoint(
    request: pytest.FixtureRequest, make_checkpoint: Callable[..., Checkpoint]
) -> Checkpoint:
    """Give a checkpoint of every task and cell, with one layer and with two."""
    return make_checkpoint(*request.param)


@pytest.fixture(params=[key for key in KEYS if key[1] != "bilstm"], ids=_name)
def streaming_checkpoint(
    request: pytest.FixtureRequest, make_checkpoint: Callable[..., Checkpoint]
) -> Checkpoint:
    """Give a checkpoint of every task and cell that can be stepped."""
    return make_checkpoint(*request.param)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Name the file to export, alone in a folder that isn't there yet."""
    return tmp_path / "out" / "model.onnx"


@pytest.fixture(scope="session")
def save_run() -> Callable[[Checkpoint, Path], Path]:
    """Give the function that writes a checkpoint as a run's folder."""

    def save(checkpoint: Checkpoint, folder: Path) -> Path:
        checkpoint.save(folder / BEST)
        return folder

    return save


@pytest.fixture(scope="session")
def poem_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a corpus file with five test poems."""
    folder = tmp_path_factory.mktemp("poems")
    chance = random.Random(0)
    han = CHARACTERS[2:]
    poems: list[dict[str, object]] = []
    while len(poems) < 5:
        lines = ["".join(chance.choices(han, k=5)) for _ in range(4)]
        if split_of("".join(lines)) == "test":
            text = [f"{lines[0]}，{lines[1]}。", f"{lines[2]}，{lines[3]}。"]
            poems.append({"author": "李白", "title": "山月", "paragraphs": text})
    (folder / "poet.tang.0.json").write_text(json.dumps(poems, ensure_ascii=False), "utf-8")
    return folder


@pytest.fixture(scope="session")
def digit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the IDX files of 20 test pictures."""
    folder = tmp_path_factory.mktemp("digits")
    chance = np.random.default_rng(0)
    pictures = chance.integers(0, 256, (20, 28, 28), np.uint8)
    labels = chance.integers(0, 10, 20, np.uint8)
    for name, array in (("images-idx3", pictures), ("labels-idx1", labels)):
        header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / f"t10k-{name}-ubyte").write_bytes(header + array.tobytes())
    return folder


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Compute on one thread: sums then have one order, and tiny tensors are quicker."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
