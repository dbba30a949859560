import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import qibu
from qibu import InputError, Score, UnknownCharacterError, Writer
from qibu.text import token_nats
from qibu.text.quality import measure_bits


@pytest.fixture(params=["own_file", "byte_file"])
def writer(request: pytest.FixtureRequest) -> Writer:
    loaded = qibu.load(request.getfixturevalue(request.param))
    assert isinstance(loaded, Writer)
    return loaded


def slowly(writer: Writer, text: str) -> list[float]:
    """Give the bits of a text's tokens, one step after another."""
    tokens = [*writer.prompt(), *writer.alphabet.encode(text)]
    state, bits = writer.stepper.initial_state(), []
    for before, token in pairwise(tokens):
        outputs, state = writer.stepper.step({"tokens": [[before]]}, state)
        p = np.exp(outputs["logits"][0].astype(np.float64))
        bits.append(float(-np.log2(p[token] / p.sum())))
    return bits


def made_up(length: int) -> str:
    return "".join(random.Random(length).choices("abcdefgh äé春\n", k=length))


@pytest.mark.parametrize("length", [1, 2, 63, 64, 65, 130, 777])
def test_a_text_in_parts_scores_as_it_does_token_by_token(writer: Writer, length: int) -> None:
    text = made_up(length)
    score, wanted = writer.score(text), slowly(writer, text)
    assert score.bits.shape == (length,)
    assert score.bits.sum() == pytest.approx(sum(wanted), abs=1e-4)
    if len(wanted) == length:
        assert np.allclose(score.bits, wanted, atol=1e-5)
    assert score.bits_per_character == pytest.approx(sum(wanted) / length, abs=1e-6)
    assert score.bits_per_byte == pytest.approx(sum(wanted) / len(text.encode()), abs=1e-6)


def test_a_text_longer_than_what_goes_side_by_side_is_scored_whole(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, seen = made_up(500), list[tuple[int, int]]()
    wanted = writer.score(text).bits
    monkeypatch.setattr(token_nats, "PARTS", 3)
    monkeypatch.setattr(token_nats, "LONGEST", 7)
    found = writer.score(text, progress=lambda done, total: seen.append((done, total)))
    assert np.allclose(found.bits, wanted, atol=1e-5)
    assert len(seen) > 10 and seen[-1][0] == seen[-1][1]


def test_a_score_after_a_state_is_that_of_the_rest(writer: Writer) -> None:
    text = made_up(40)
    rest = writer.score(text[15:], state=writer.read(text[:15]))
    assert np.allclose(rest.bits, writer.score(text).bits[15:], atol=1e-5)


def test_an_unknown_character_is_counted_with_what_unk_costs(own_file: Path) -> None:
    writer = qibu.load(own_file)
    with pytest.raises(UnknownCharacterError, match="Ω"):
        writer.score("aΩb")
    replaced = writer.score("aΩb", on_unknown="replace")
    assert (replaced.text, replaced.unknown, len(replaced.bits)) == ("aΩb", 1, 3)
    skipped: Score = writer.score("aΩb", on_unknown="skip")
    assert skipped.text == "ab" and np.array_equal(skipped.bits, writer.score("ab").bits)
    assert "1 unknown" in str(replaced) and "unknown" not in str(skipped)


def test_nothing_has_no_score(writer: Writer) -> None:
    with pytest.raises(InputError, match="empty"):
        writer.score("")


def test_a_model_is_measured_on_one_text_or_on_its_lines(writer: Writer) -> None:
    text = made_up(300)
    whole = measure_bits(writer, text)
    score = writer.score(text)
    assert whole["bits_per_character"] == pytest.approx(score.bits_per_character)
    assert ("bits_per_byte" in whole) == (writer.unit == "byte")
    lines = [line for line in text.splitlines() if line]
    bits = sum(writer.score(line).bits.sum() for line in lines)
    by_line = measure_bits(writer, text, by_line=True)
    assert by_line["characters"] == sum(map(len, lines))
    assert by_line["bits_per_character"] == pytest.approx(bits / by_line["characters"], abs=1e-6)
