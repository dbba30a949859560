"""Digits as an application: what a checkpoint keeps of it."""

from pathlib import Path

import torch

from qibu.pictures.picture_format import MNIST
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.digits.config import DigitConfig
from qibu_train.pictures.network import PictureNetwork

# the config of the first checkpoints, in which the fields of poems and digits stood together
FIRST_CONFIG = {
    **{"task": "digits", "cell": "bilstm", "hidden_size": 8, "num_layers": 1, "dropout": 0.1},
    **{"epochs": 14, "batch_units": 128, "learning_rate": 0.004, "song_epochs": 0},
    **{"song_share": 1.0, "warmup": 0.03, "weight_decay": 0.01, "clip_norm": 1.0},
    **{"label_smoothing": 0.0, "average_decay": 0.998, "min_count": 3, "max_characters": 132},
    **{"authors": 40, "keep_form": 0.9, "keep_author": 0.5, "keep_title": 0.6, "augment": 1.0},
    **{"row_loss": 0.0, "bfloat16": True, "seed": 2},
}


def test_the_first_checkpoints_are_read(tmp_path: Path) -> None:
    weights = PictureNetwork("bilstm", 8, 1).state_dict()
    content = {
        "config": FIRST_CONFIG,
        "weights": weights,
        "vocabulary": None,
        "record": {"epoch": 2},
        "progress": {},
    }
    torch.save(content, tmp_path / "best.pt")
    checkpoint = Checkpoint.load(tmp_path)
    assert isinstance(checkpoint.config, DigitConfig)
    assert (checkpoint.config.augment, checkpoint.config.seed) == (1.0, 2)
    assert checkpoint.extra == MNIST
    found = checkpoint.network().state_dict()
    assert all(found[name].equal(weights[name]) for name in weights)
