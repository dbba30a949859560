"""A run on pictures that begins with another model's weights."""

from pathlib import Path

import numpy as np
import pytest
import torch

from qibu.bundled import model_path
from qibu.core.stepper import Stepper
from qibu.pictures.picture_format import MNIST
from qibu_train.command import main
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.core.initial_weights import read_weights
from qibu_train.pictures.initial_weights import initial_weights
from qibu_train.pictures.network import PictureNetwork

TOLERANCE = 1e-5  # absolute, of probabilities: 28 rows in float32 in another order


@torch.no_grad()
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm", "bilstm"])
def test_a_network_computes_what_the_model_does(cell: str) -> None:
    stored = read_weights(f"digits-{cell}")
    assert stored.cell == cell
    network = PictureNetwork(cell, stored.hidden_size, stored.num_layers).eval()
    network.load_state_dict(initial_weights(stored, network.state_dict(), MNIST))
    rows = np.random.default_rng(0).random((3, 28, 28), np.float32)
    wanted = Stepper(model_path(stored.name, "cuda")).run({"rows": rows})["probabilities"]
    logits, _ = network(torch.from_numpy(rows))
    np.testing.assert_allclose(logits.softmax(1).numpy(), wanted, atol=TOLERANCE, rtol=0)


def test_a_run_begins_there_and_notes_it(digit_folder: Path, tmp_path: Path) -> None:
    where = ["--from", str(digit_folder), "--run", str(tmp_path / "run"), "--unchecked"]
    settings = ["--set", "epochs=1", "learning_rate=1e-30", "average_decay=0"]
    assert main(["digits", "--cell", "gru", *where, "--init", "digits-gru", *settings]) == 0
    checkpoint, stored = Checkpoint.load(tmp_path / "run"), read_weights("digits-gru")
    assert checkpoint.record["init"] == stored.record
    begun = initial_weights(stored, checkpoint.weights, MNIST)
    for name in begun:  # at such a rate a step moves nothing but a 0
        torch.testing.assert_close(checkpoint.weights[name], begun[name], atol=1e-20, rtol=0)
