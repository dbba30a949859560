"""Poems as an application: what a checkpoint keeps of it."""

from pathlib import Path

import pytest
import torch

from qibu.text.vocabulary import Vocabulary
from qibu.verse.prompt import BASE_CONTROLS
from qibu_train.core.application import build_network
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.poems.application import POEM
from qibu_train.poems.config import PRESETS, PoemConfig
from qibu_train.text.network import TextNetwork

VOCABULARY = Vocabulary(BASE_CONTROLS, "山月", "山月")
# the config of the first checkpoints, in which the fields of poems and digits stood together
FIRST_CONFIG = {
    **{"task": "poem", "cell": "lstm", "hidden_size": 8, "num_layers": 1, "dropout": 0.25},
    **{"epochs": 3, "batch_units": 3072, "learning_rate": 0.002, "song_epochs": 2},
    **{"song_share": 0.5, "warmup": 0.03, "weight_decay": 0.1, "clip_norm": 1.0},
    **{"label_smoothing": 0.0, "average_decay": 0.0, "min_count": 3, "max_characters": 132},
    **{"authors": 40, "keep_form": 0.9, "keep_author": 0.5, "keep_title": 0.6, "augment": 0.0},
    **{"row_loss": 0.0, "bfloat16": True, "seed": 1},
}


def test_a_vocabulary_comes_back_as_it_was(poem_config: PoemConfig, tmp_path: Path) -> None:
    weights = build_network(poem_config, VOCABULARY).state_dict()
    Checkpoint(poem_config, weights, VOCABULARY).save(tmp_path / "a.pt")
    assert Checkpoint.load(tmp_path / "a.pt").extra == VOCABULARY


@pytest.mark.parametrize("augment", [0.0, 0.5])  # which never meant anything to a poem
def test_the_first_checkpoints_are_read(augment: float, tmp_path: Path) -> None:
    weights = TextNetwork("lstm", len(VOCABULARY), 8, 1).state_dict()
    content = {
        "config": {**FIRST_CONFIG, "augment": augment},
        "weights": weights,
        "vocabulary": VOCABULARY.to_json(),
        "record": {"epoch": 2},
        "progress": {},
    }
    torch.save(content, tmp_path / "best.pt")
    checkpoint = Checkpoint.load(tmp_path)
    assert isinstance(checkpoint.config, PoemConfig)
    assert (checkpoint.config.weight_decay, checkpoint.config.song_epochs) == (0.1, 2)
    assert (checkpoint.extra, checkpoint.record) == (VOCABULARY, {"epoch": 2})
    found = checkpoint.network().state_dict()
    assert all(found[name].equal(weights[name]) for name in weights)


def test_the_song_poems_are_checked_where_they_are_read() -> None:
    names = [[data.name for data in POEM.datasets(PRESETS[cell])] for cell in ("rnn", "lstm")]
    assert names == [["poems", "song"], ["poems", "song"]]
    tang = PoemConfig.from_json({**PRESETS["rnn"].to_json(), "song_epochs": 0})
    assert [data.name for data in POEM.datasets(tang)] == ["poems"]


def test_a_loss_is_told_as_a_perplexity_too() -> None:
    assert POEM.figures(0.0) == {"perplexity": 1.0}
