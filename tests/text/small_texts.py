"""Small models of own texts, trained for some seconds: what tests of every language are held to."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import onnx
import torch

from qibu.core.model_file import KEY, ModelSpec
from qibu.text.alphabet import BYTES, Unit
from qibu.text.vocabulary import END, START, UNKNOWN, Vocabulary
from qibu_export.trained.export import export
from qibu_train.applications import PRESETS
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.own_text.config import TextConfig, settle
from qibu_train.text.network import TextNetwork

CONTROLS = (UNKNOWN, START, END)
HIDDEN_SIZE, STEPS, ROWS, TIME = 48, 120, 16, 48
WORDS = (
    ("The old", "A young", "My", "That grey", "No"),
    ("cat", "sailor", "wind", "river", "café owner"),
    ("sees", "follows", "forgets", "paints", "asks"),
    ("the sea", "a door", "every bird", "the moon", "1,000 roads"),
)
LINES = (
    ("春風", "明月", "流水", "青山"),
    ("不知", "長照", "又過", "遠在"),
    ("故人", "江南", "西窗", "何處"),
)


def english(sentences: int = 400) -> str:
    """Make up sentences, a line each."""
    chance = random.Random(1)
    return "".join(f"{' '.join(map(chance.choice, WORDS))}.\n" for _ in range(sentences))


def mixed(sentences: int = 300) -> str:
    """Make up lines in Chinese, English between, a smile at times: characters of 1 to 4 bytes."""
    chance = random.Random(2)
    lines = []
    for _ in range(sentences):
        lines.append(
            f"{''.join(map(chance.choice, LINES))}，{''.join(map(chance.choice, LINES))}。"
        )
        if chance.random() < 0.3:
            lines.append(f"{' '.join(map(chance.choice, WORDS))} 🙂")
    return "\n".join(lines) + "\n"


def vocabulary_of(text: str, unit: Unit) -> Vocabulary:
    """Give the vocabulary of a text."""
    characters = BYTES if unit == "byte" else "".join(sorted(set(text)))
    return Vocabulary(CONTROLS, characters, characters)


@cache
def trained(cell: str, unit: Unit) -> Checkpoint:
    """Train a network for some seconds: English by the character, or Chinese by the byte."""
    text = english() if unit == "char" else mixed()
    vocabulary = vocabulary_of(text, unit)
    spelled = text if unit == "char" else text.encode().decode("latin-1")
    tokens = torch.tensor([vocabulary.id(START), *vocabulary.encode(spelled), vocabulary.id(END)])
    torch.manual_seed(0)
    network = TextNetwork(cell, len(vocabulary), HIDDEN_SIZE, 1)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for batch in _batches(tokens):
        features, _ = network.features(batch[:, :-1])
        logits = network.logits(features)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    weights = {name: value.detach().clone() for name, value in network.state_dict().items()}
    config = settle(cast(TextConfig, PRESETS["text", cell]), len(tokens))
    config = replace(config, hidden_size=HIDDEN_SIZE, num_layers=1, unit=unit, split="part")
    return Checkpoint(config, weights, vocabulary, {"data": {"names": ["made up"]}})


def _batches(tokens: torch.Tensor) -> Iterator[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        starts = torch.randint(len(tokens) - TIME, (ROWS,), generator=generator)
        starts[0] = 0  # `<start>` is seen in every batch
        yield torch.stack([tokens[start : start + TIME] for start in starts.tolist()])


def write_model(
    path: Path, cell: str = "gru", unit: Unit = "char", precision: str = "float32"
) -> Path:
    """Export a small model of an own text."""
    figures: dict[str, Any] = {"bits_per_character": 2.0, "characters": 1000}
    export(trained(cell, unit), path, lambda file: figures, precision)
    return path


def say(path: Path, **part: Any) -> None:
    """Change what a file says in its part for texts."""
    model = onnx.load(path)
    (document,) = (p.value for p in model.metadata_props if p.key == KEY)
    spec = ModelSpec.from_json(document)
    onnx.helper.set_model_props(model, {KEY: replace(spec, part={**spec.part, **part}).to_json()})
    onnx.save(model, path)
