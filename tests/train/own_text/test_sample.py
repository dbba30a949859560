"""The piece that a network writes while it is trained."""

import pytest
import torch

from qibu.text.vocabulary import Vocabulary
from qibu_train.own_text.corpus import BYTES, CONTROLS
from qibu_train.own_text.sample import write_sample
from qibu_train.text.network import TextNetwork


def network_of(vocabulary: Vocabulary) -> TextNetwork:
    torch.manual_seed(0)
    return TextNetwork("gru", len(vocabulary), 8, 1).eval()


@pytest.mark.parametrize("characters", ["ab\n山", BYTES])
def test_a_sample_has_its_length_and_no_control(characters: str) -> None:
    vocabulary = Vocabulary(CONTROLS, characters, characters)
    network = network_of(vocabulary)
    before = torch.get_rng_state()
    text = write_sample(network, vocabulary, 60, seed=3)
    assert text == write_sample(network, vocabulary, 60, seed=3)
    assert text != write_sample(network, vocabulary, 60, seed=4)
    assert torch.get_rng_state().equal(before)
    if characters != BYTES:
        assert len(text) == 60
        assert set(text) <= set(characters)


def test_a_text_that_ends_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = Vocabulary(CONTROLS, "a", "a")
    network = network_of(vocabulary)
    with torch.no_grad():
        network.bias[vocabulary.id("<end>")] = 100.0
    assert write_sample(network, vocabulary, 5, seed=0) == "\n" * 5
