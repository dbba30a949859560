"""The task of a text: its loss and its measure are those of the text itself."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from qibu.core.errors import DataError, InputError
from qibu_train.core.task import Carried
from qibu_train.own_text.config import TextConfig
from qibu_train.own_text.task import TextTask
from qibu_train.own_text.units import hash_of
from qibu_train.text.network import TextNetwork

DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
# absolute, of sums of some thousand float32 losses of about 3 each
TOLERANCE = 2e-2


def network_of(task: TextTask) -> TextNetwork:
    torch.manual_seed(0)
    network = TextNetwork(task.config.cell, len(task.extra), 8, 1).eval()
    task.prepare(network)
    return network


@torch.no_grad()
def one_by_one(network: TextNetwork, tokens: list[int]) -> float:
    """Sum the loss of a whole text, read in one go from a state of zeros."""
    inputs = torch.tensor([tokens[:-1]])
    logits = network.logits(network.features(inputs)[0])[0]
    return torch.nn.functional.cross_entropy(
        logits, torch.tensor(tokens[1:]), reduction="sum"
    ).item()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("unit", ["char", "byte"])
@pytest.mark.parametrize("split", ["line", "part"])
def test_the_measure_is_what_reading_each_text_whole_gives(
    cell: str, unit: str, split: str, text_config: TextConfig, text_folder: Path
) -> None:
    task = TextTask(replace(text_config, cell=cell, unit=unit, split=split), text_folder)
    network, part = network_of(task), task.corpus.held_out
    texts = [
        part.tokens[start:end].tolist()
        for start, end in zip(part.starts[:-1], part.starts[1:], strict=True)
    ]
    bits = sum(one_by_one(network, text) for text in texts) / math.log(2)
    predicted = [task.extra.token(token) for text in texts for token in text[1:]]
    if unit == "byte":
        raw = "".join("\n" if token == "<end>" else token for token in predicted)
        characters = sum(not 0x80 <= ord(byte) < 0xC0 for byte in raw)
    else:
        characters = len(predicted)
    figures = task.validate(network)
    assert figures["characters"] == characters
    assert figures["bits_per_character"] == pytest.approx(bits / characters, abs=1e-5)
    if unit == "byte":
        assert figures["bits_per_byte"] == pytest.approx(bits / len(predicted), abs=1e-5)


def test_windows_that_carry_their_state_lose_nothing(
    text_config: TextConfig, text_folder: Path
) -> None:
    task = TextTask(text_config, text_folder)
    network = network_of(task)
    train, total, walks = task.corpus.train, 0.0, dict[int, int]()
    carried: Carried = ()
    with torch.no_grad():
        for batch in task.plan(0):
            loss, carried = task.carried_loss(network, carried, *task.collate(batch))
            total += loss.item()
            for first, length in batch.rows.tolist():
                begin = first if batch.is_first else walks.pop(first)
                walks[first + length] = begin  # where a walk is now, and where it began
    wanted = sum(
        one_by_one(network, train.tokens[begin : end + 1].tolist()) for end, begin in walks.items()
    )
    assert total == pytest.approx(wanted, abs=TOLERANCE)


def test_the_output_begins_with_the_tokens_frequencies(
    text_config: TextConfig, text_folder: Path
) -> None:
    task = TextTask(text_config, text_folder)
    bias = network_of(task).bias
    counts = torch.from_numpy(task.corpus.counts).float() + 1
    torch.testing.assert_close(bias.softmax(0), counts / counts.sum())


def test_what_a_text_decides_is_filled_in(text_config: TextConfig, text_folder: Path) -> None:
    open_config = TextConfig(cell="lstm", learning_rate=1e-3)
    config = TextTask(open_config, text_folder).config
    assert (config.hidden_size, config.num_layers) == (256, 2)
    assert config.validate_steps > 0
    assert not any(config.is_open(name) for name in config.open_fields - {"epochs"})
    decided = replace(text_config, unit=config.unit, split=config.split)
    assert (decided.unit, decided.split) == ("char", "part")
    assert TextTask(text_config, text_folder).config == decided


@pytest.mark.parametrize(("copies", "unit"), [(1, "byte"), (60, "char")])
def test_many_rare_characters_are_read_as_bytes_and_that_is_said(
    copies: int, unit: str, tmp_path: Path
) -> None:
    rare = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))
    lines = [f"{rare[n : n + 20]} in line {n}\n" for n in range(0, 400, 4)]
    (tmp_path / "a.txt").write_text("".join(lines * copies), "utf-8")
    task = TextTask(TextConfig(cell="gru", learning_rate=1e-3), tmp_path / "a.txt")
    assert task.unit == unit
    said = "\n".join(task.notes)
    assert f"unit {unit}" in said
    assert ("times on average" in said) == (unit == "byte")
    assert ("20,000 bytes or more are wanted" in said) == (copies == 1)


def test_a_run_of_several_processes_is_refused(text_config: TextConfig, text_folder: Path) -> None:
    with pytest.raises(InputError, match="one process"):
        TextTask(text_config, text_folder).plan(0, world_size=2)


def test_a_held_out_text_that_is_foreign_altogether_is_refused(
    text_config: TextConfig, tmp_path: Path
) -> None:
    english = (f"{number} is a number and a text\n" * 9 for number in range(10**6))
    trained_on = islice((text for text in english if hash_of(text) > 2**63), 40)
    chinese = (f"{number}春夏秋冬".translate(DIGITS) * 20 for number in range(10**6))
    held_out = next(text for text in chinese if hash_of(text) < 0.04 * 2**64)
    for number, text in enumerate([*trained_on, held_out]):
        (tmp_path / f"{number}.txt").write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"foreign to the rest.*--split part"):
        TextTask(replace(text_config, split="document"), tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cell": "bilstm"}, "a text is written forwards"),
        ({"unit": "word"}, "unit must be char, byte or auto, got 'word'"),
        ({"split": "page"}, "split must be document, line, part or auto, got 'page'"),
        ({"window": 0}, "window must be at least 1"),
        ({"hidden_size": 0}, "hidden_size must be at least 1"),
        ({"dropout": -0.5}, "dropout must be 0..1"),
        ({"epochs": -1}, "given its length by --epochs or by --minutes"),
    ],
)
def test_a_bad_config_is_refused(
    change: dict[str, str], message: str, text_config: TextConfig
) -> None:
    change_config: Callable[..., TextConfig] = replace
    with pytest.raises(InputError, match=message):
        change_config(text_config, **change)


def test_tokens_of_a_batch_are_those_of_the_text(
    text_config: TextConfig, text_folder: Path
) -> None:
    task = TextTask(text_config, text_folder)
    text = task.corpus.train.tokens
    for batch in task.plan(1)[:20]:
        tokens, targets, _ = task.collate(batch)
        for row, (first, length) in enumerate(batch.rows.tolist()):
            assert np.array_equal(tokens[row, :length], text[first : first + length])
            assert np.array_equal(targets[row, :length], text[first + 1 : first + length + 1])
            assert (targets[row, length:] == -100).all()
