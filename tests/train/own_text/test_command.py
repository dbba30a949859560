"""`qibu train text` from its arguments to a run, and what it says of bad ones."""

import os
import re
import signal
from pathlib import Path

import pytest
import torch

from qibu.bundled import model_path
from qibu.cli.main import main as qibu
from qibu_export.trained.export import export
from qibu_train.command import main
from qibu_train.core.checkpoint import BEST, HELD_OUT, LAST, Checkpoint
from qibu_train.core.initial_weights import read_weights
from qibu_train.core.trainer import Trainer
from qibu_train.own_text.config import TextConfig

SIZE = ["--hidden", "8", "--layers", "1"]
# a trial may find another arithmetic quicker for every run
SMALL = [*SIZE, "--set", "bfloat16=false", "batch_units=512", "window=32"]


def arguments(text: Path, run: Path, *more: str) -> list[str]:
    return ["text", "--from", str(text), "--out", str(run), *more]


def test_a_run_says_what_it_reads_and_shows_what_it_writes(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(arguments(text_file, run, "--epochs", "1", *SMALL)) == 0
    out, err = capsys.readouterr()
    best = Checkpoint.load(run)
    bits = best.record["validation_bits_per_character"]
    assert out == f"{run}: best validation_bits_per_character {bits:.5g}\n"
    assert re.search(r"words\.txt: [\d,]+ bytes, [\d,]+ characters, \d+ different; unit char", err)
    assert re.search(r"held out: [\d,]+ characters, \d+ of \d+ parts", err)
    for name in ("gzip", "xz"):
        reached = best.record[f"validation_{name}_bits_per_character"]
        assert f"{name} -9: {reached:.3f} bits a character" in err
        assert f"{name} -9 {reached:.3f}" in err.partition("epoch 1: ")[2]
    assert {path.name for path in run.iterdir()} == {
        LAST,
        BEST,
        HELD_OUT,
        "history.jsonl",
        "curve.png",
    }


def test_a_record_tells_the_text(text_documents: Path, tmp_path: Path) -> None:
    main(arguments(text_documents, tmp_path / "run", "--epochs", "1", *SMALL))
    best = Checkpoint.load(tmp_path / "run")
    data = best.record["data"]
    assert (data["names"], data["split"], data["unit"]) == (
        [text_documents.name],
        "document",
        "char",
    )
    assert len(data["sha256"][0]) == 64
    assert best.extra.controls == ("<unk>", "<start>", "<end>")
    assert best.config.to_json()["task"] == "text"


def test_ctrl_c_in_the_middle_of_an_epoch_is_gone_on_from_exactly(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(trainer: Trainer) -> None:
        if (trainer.at.epoch, trainer.at.step) == (1, 7):
            os.kill(os.getpid(), signal.SIGINT)

    whole = arguments(text_file, tmp_path / "whole", "--epochs", "2", *SMALL, "validate_steps=20")
    stopped = arguments(text_file, tmp_path / "run", "--epochs", "2", *SMALL, "validate_steps=20")
    assert main(whole) == 0
    assert main(stopped, press) == 130
    assert "--resume" in capsys.readouterr().err
    assert Checkpoint.load(tmp_path / "run").network() is not None
    assert main([*stopped, "--resume"]) == 0
    for name in (LAST, BEST):
        one, other = (Checkpoint.load(tmp_path / run / name).weights for run in ("whole", "run"))
        assert all(one[key].equal(other[key]) for key in one)


def test_minutes_end_a_run(text_file: Path, tmp_path: Path) -> None:
    assert main(arguments(text_file, tmp_path, "--minutes", "0.01", *SMALL)) == 0
    assert Checkpoint.load(tmp_path).config.minutes == 0.01


def test_a_run_of_another_text_is_not_gone_on_with(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--epochs", "1", *SMALL]
    other = tmp_path / "other.txt"
    other.write_text(text_file.read_text("utf-8") + "more\n", "utf-8")
    main(arguments(text_file, tmp_path / "run", *asked))
    assert qibu(["train", *arguments(other, tmp_path / "run", *asked), "--resume"]) == 2
    assert "other data" in capsys.readouterr().err


class Stopped(Exception):
    """What a test raises to end a run."""


@pytest.mark.parametrize("model", ["poem-gru", str(model_path("poem-gru"))])
def test_a_run_begins_with_a_model_s_characters_and_size_and_new_ones(
    model: str, text_file: Path, tmp_path: Path
) -> None:
    seen: list[Trainer] = []

    def stop(trainer: Trainer) -> None:
        seen.append(trainer)
        raise Stopped

    with pytest.raises(Stopped):
        main(arguments(text_file, tmp_path, "--init", model), stop)
    (trainer,) = seen
    assert (trainer.config.cell, trainer.config.hidden_size) == ("gru", 512)
    theirs = read_weights(model)
    own = trainer.task.extra
    known = theirs.task_metadata["vocabulary"]["characters"]
    assert own.characters.startswith(known)
    assert set("catsowl") <= set(own.characters) - set(known)
    assert own.controls == ("<unk>", "<start>", "<end>")
    weights = trainer.network.state_dict()
    assert weights["rnn.weight_hh_l1"].equal(theirs.recurrent()["rnn.weight_hh_l1"])
    row = len(theirs.task_metadata["vocabulary"]["controls"]) + known.index("山")
    assert weights["embedding.weight"][own.id("山")].equal(theirs.tensor("embedding")[row])


def test_a_model_of_other_size_is_refused(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = arguments(text_file, tmp_path / "run", "--init", "poem", "--hidden", "64")
    assert qibu(["train", *asked]) == 2
    assert "poem is lstm 2 x 512, the run is lstm 2 x 64" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "more", "message"),
    [
        (None, [], r"no-text\.txt is neither a file nor a folder; .*--from"),
        (b"", [], "0 bytes, too little to learn from: 4,000 is the least, 20,000"),
        (b"a" * 9000, [], "repeats one character, 'a'"),
        (b"one\n" * 3000 + b"caf\xe9\n", [], r"no UTF-8 at byte 12,003 \(line 3,001\)"),
        (b"ab\0\n" * 3000, [], r"binary, no text: byte 2 \(line 1\)"),
        (b"the same line\n" * 3000, ["--split", "line"], "too few different lines"),
        (b"some text\n" * 900, ["--split", "document"], r"too few different documents.*--split"),
        (b"some text\n" * 900, ["--unit", "word"], "unit must be char, byte or auto"),
        (b"some text\n" * 900, ["--cell", "bilstm"], "no preset text with cell 'bilstm'"),
        (b"some text\n" * 900, ["--epochs", "2", "--minutes", "1"], "--minutes and --epochs"),
        (b"some text\n" * 900, ["--minutes", "0"], "by --epochs or by --minutes above 0"),
        (b"some text\n" * 900, ["--hidden", "0"], "hidden_size must be at least 1"),
        (b"some text\n" * 900, ["--init", "digits"], "digits is a model for 'digits'"),
    ],
)
def test_bad_input_ends_with_one_line_and_no_run(
    content: bytes | None,
    more: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = tmp_path / "no-text.txt"
    if content is not None:
        text.write_bytes(content)
    assert qibu(["train", *arguments(text, tmp_path / "run", *more)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(message, err)
    assert err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_flag_of_a_text_is_refused_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert qibu(["train", "poem", "--split", "line"]) == 2
    assert "--split is for task 'text', not 'poem'" in capsys.readouterr().err


def test_the_help_names_the_task_s_own_flags(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    for flag in ("--out", "--minutes", "--epochs", "--hidden", "--layers", "--unit", "--split"):
        assert flag in said


def test_a_run_on_bytes_is_exported_and_begun_from(text_file: Path, tmp_path: Path) -> None:
    first = arguments(text_file, tmp_path / "one", "--unit", "byte", "--epochs", "1", *SMALL)
    main(first)
    best = Checkpoint.load(tmp_path / "one")
    export(best, tmp_path / "mine.onnx")
    second = arguments(
        text_file, tmp_path / "two", "--init", str(tmp_path / "mine.onnx"), "--epochs", "1"
    )
    main([*second, "--set", "learning_rate=1e-30", "dropout=0"])
    again = Checkpoint.load(tmp_path / "two")
    assert again.record["data"]["unit"] == "byte"
    for name, weight in best.weights.items():
        torch.testing.assert_close(again.weights[name], weight, atol=1e-6, rtol=0)


def test_what_is_chosen_by_itself_is_in_the_record_and_the_file(
    text_file: Path, tmp_path: Path
) -> None:
    main(arguments(text_file, tmp_path / "run", "--epochs", "1", *SMALL))
    assert qibu(["export", str(tmp_path / "run"), "--int8"]) == 0
    config = Checkpoint.load(tmp_path / "run").config
    assert isinstance(config, TextConfig)
    assert (config.unit, config.split) == ("char", "part")
    file = tmp_path / "run" / "model.onnx"
    assert qibu(["text", str(file), "--length", "20", "--seed", "7"]) == 0
