"""A poem run that begins with another model's weights."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from qibu.bundled import model_path
from qibu.cli.main import main as qibu
from qibu.core.errors import CheckpointError
from qibu.core.stepper import Stepper
from qibu.text.vocabulary import Vocabulary
from qibu_train.command import main
from qibu_train.core.checkpoint import LAST, Checkpoint
from qibu_train.core.initial_weights import StoredWeights, read_weights
from qibu_train.core.trainer import Trainer
from qibu_train.text.initial_weights import initial_weights, stored_vocabulary
from qibu_train.text.network import TextNetwork

# absolute, of logits up to 20: sums of 512 float32 products in another order, twelve times over
TOLERANCE = 1e-4
# nats that a network read from 8 bits is off after twelve random tokens; fresh ones are off by 6
DIVERGENCE = 0.05


@pytest.fixture(scope="module", params=["poem", "poem-gru"])
def stored(request: pytest.FixtureRequest) -> StoredWeights:
    return read_weights(request.param)


def fresh_network(stored: StoredWeights, vocabulary: Vocabulary) -> TextNetwork:
    torch.manual_seed(0)
    return TextNetwork(stored.cell, len(vocabulary), stored.hidden_size, stored.num_layers).eval()


@torch.no_grad()
def test_a_network_computes_what_the_model_does(stored: StoredWeights) -> None:
    vocabulary = stored_vocabulary(stored)
    network = fresh_network(stored, vocabulary)
    network.load_state_dict(initial_weights(stored, network.state_dict(), vocabulary))
    tokens = np.random.default_rng(0).integers(0, len(vocabulary), (2, 12))
    wanted = Stepper(model_path(stored.name, "cuda")).run({"tokens": tokens})["logits"]
    logits, _ = network(torch.from_numpy(tokens))
    np.testing.assert_allclose(logits.numpy(), wanted, atol=TOLERANCE, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("name", ["poem", "poem-gru"])
def test_a_file_that_multiplies_in_8_bits_gives_the_network_that_it_is_of(name: str) -> None:
    exact, stored = read_weights(name), read_weights(str(model_path(name)))
    vocabulary = stored_vocabulary(exact)
    tokens = torch.from_numpy(np.random.default_rng(0).integers(0, len(vocabulary), (4, 12)))
    wanted, found = (fresh_network(weights, vocabulary) for weights in (exact, stored))
    for network, weights in ((wanted, exact), (found, stored)):
        network.load_state_dict(initial_weights(weights, network.state_dict(), vocabulary))
    one, other = (network(tokens)[0].log_softmax(1) for network in (wanted, found))
    divergence = (one.exp() * (one - other)).sum(1).mean()
    assert divergence < DIVERGENCE


def test_a_token_takes_its_row_and_an_unknown_one_keeps_its_own(stored: StoredWeights) -> None:
    theirs = stored_vocabulary(stored)
    vocabulary = Vocabulary(theirs.controls[::-1], "月A山", "月A山")
    assert "A" not in theirs
    fresh = fresh_network(stored, vocabulary).state_dict()
    weights = initial_weights(stored, fresh, vocabulary)
    for name, constant in (("embedding.weight", "embedding"), ("bias", "output_bias")):
        their_rows = stored.tensor(constant)
        for token in ("月", "山", *theirs.controls):
            assert weights[name][vocabulary.id(token)].equal(their_rows[theirs.id(token)])
        new = vocabulary.id("A")
        assert weights[name][new].equal(fresh[name][new])


def arguments(poem_folder: Path, run: Path, *more: str) -> list[str]:
    where = ["--from", str(poem_folder), "--run", str(run), "--unchecked"]
    size = ["--set", "epochs=1", "song_epochs=0", "batch_units=9999", "min_count=1"]
    return ["poem", *where, *more, *size]


class Stopped(Exception):
    """What a test raises to end a run."""


def test_a_run_begins_there(poem_folder: Path, tmp_path: Path) -> None:
    seen: list[dict[str, torch.Tensor]] = []

    def stop(trainer: Trainer) -> None:
        seen.append({name: w.clone() for name, w in trainer.network.state_dict().items()})
        raise Stopped

    with pytest.raises(Stopped):
        main(arguments(poem_folder, tmp_path, "--init", "poem"), stop)
    wanted = read_weights("poem").recurrent()
    assert all(seen[0][name].equal(weight) for name, weight in wanted.items())


def test_a_run_notes_where_it_began_and_goes_on_from_there_only(
    poem_folder: Path, tmp_path: Path
) -> None:
    asked = arguments(poem_folder, tmp_path / "run", "--init", "poem")
    main(asked)
    digest = read_weights("poem").metadata["weights_sha256"]
    assert Checkpoint.load(tmp_path / "run").record["init"] == {
        "name": "poem",
        "weights_sha256": digest,
    }
    with pytest.raises(
        CheckpointError, match=f"the weights {digest}, now from fresh weights.*--init"
    ):
        main([*arguments(poem_folder, tmp_path / "run"), "--resume"])
    assert main([*asked, "--resume"]) == 0
    assert Checkpoint.load(tmp_path / "run" / LAST).record["init"]["name"] == "poem"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--init", "nosuch"], "no model 'nosuch'"),
        (["--init", "digits"], "a model for 'digits', a run of task 'poem'"),
        (["--init", "poem-gru"], "poem-gru is gru 2 x 512, the run is lstm 2 x 512"),
        (["--init", "poem", "--set", "hidden_size=64"], "lstm 2 x 512, the run is lstm 2 x 64"),
        (["--init", "poem", "--set", "num_layers=1"], "lstm 2 x 512, the run is lstm 1 x 512"),
        (["--init", __file__], "is no ONNX file"),
    ],
)
def test_what_a_run_cannot_begin_from_is_said_in_a_line(
    more: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert qibu(["train", "poem", "--run", str(tmp_path / "run"), *more]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err)
    assert not (tmp_path / "run").exists()
