import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import qibu
from qibu import Writer
from qibu.cli.main import main


@pytest.fixture
def writer(own_file: Path) -> Writer:
    loaded = qibu.load(own_file)
    assert isinstance(loaded, Writer)
    return loaded


def test_it_prints_the_text_of_a_seed(
    own_file: Path, writer: Writer, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["text", str(own_file), "--start", "ab", "--seed", "7", "--length", "30"]
    assert main([*command, "--temperature", "1.5", "--top-k", "0", "--top-p", "1"]) == 0
    out, err = capsys.readouterr()
    sampling = qibu.Sampling(1.5, 0, 1.0)
    assert out == f"{writer.write('ab', seed=7, length=30, sampling=sampling)}\n"
    assert "--seed 7" in err


def test_several_are_printed_as_objects(
    own_file: Path, writer: Writer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["text", str(own_file), "--seed", "3", "--count", "2", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["text"] for one in found] == [writer.write(seed=seed).text for seed in (3, 4)]
    assert found[0].keys() >= {"seed", "characters", "ended", "bits_per_character", "model"}


def test_the_end_of_a_line_is_written_with_a_backslash(
    own_file: Path, writer: Writer, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["text", str(own_file), "--seed", "3", "--allow", "a\n", "--length", "50"]
    assert main([*command, "--stop", r"\n"]) == 0
    wanted = writer.write(seed=3, allow="a\n", stop="\n", length=50)
    assert capsys.readouterr().out == f"{wanted}\n"


def test_a_state_is_saved_and_gone_on_from(
    own_file: Path, writer: Writer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = str(tmp_path / "state.npz")
    command = ["text", str(own_file), "--seed", "3", "--length", "20"]
    assert main([*command, "--save-state", saved]) == 0
    first = capsys.readouterr().out.removesuffix("\n")
    assert main([*command, "--state", saved]) == 0
    assert first + capsys.readouterr().out == f"{writer.write(first, seed=3, length=20)}\n"


def test_a_text_is_scored_from_a_file_or_stdin(
    own_file: Path,
    writer: Writer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "a.txt").write_text("some text", "utf-8")
    assert main(["text", str(own_file), "--score", str(tmp_path / "a.txt")]) == 0
    assert capsys.readouterr().out == f"{writer.score('some text')}\n"
    given = SimpleNamespace(buffer=io.BytesIO(b"some text"))
    monkeypatch.setattr(sys, "stdin", given)
    assert main(["text", str(own_file), "--score", "-", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["bits"]) == 9
    assert found["bits_per_character"] == writer.score("some text").bits_per_character


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--score", "{tmp}/none.txt"], "none.txt can't be read"),
        (["--score", "{tmp}/bytes.txt"], "byte 4, on line 2, is 0xFF; save it as UTF-8"),
        (["--score", "{tmp}/empty.txt"], "empty.txt is empty"),
        (["--score", "{tmp}/bytes.txt", "--start", "a"], "leave --start"),
        (["--save-state", "{tmp}/s.npz", "--json"], "leave the rest"),
        (["--start", "Ω"], "doesn't know Ω"),
        (["--length", "0"], "length must be"),
        (["--count", "0"], "number of texts"),
        (["--state", "{tmp}/none.npz"], "no state file"),
        (["--save-state", "{tmp}/s.txt"], "a state is saved as .npz"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_left(
    own_file: Path,
    tmp_path: Path,
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "bytes.txt").write_bytes(b"ab\n\xff")
    (tmp_path / "empty.txt").write_bytes(b"")
    before = sorted(tmp_path.iterdir())
    given = [argument.format(tmp=tmp_path) for argument in arguments]
    assert main(["text", str(own_file), "--seed", "1", *given]) == 2
    assert message in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_models_of_other_kinds_are_told_where_they_go(
    poem_file: Path, digits_file: Path, own_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, told in (
        (["text", str(poem_file)], "qibu poem --model"),
        (["text", str(digits_file)], "qibu digit --model"),
        (["poem", "--model", str(own_file)], f"qibu text {own_file}"),
    ):
        assert main(command) == 2
        assert told in capsys.readouterr().err


def run(*arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "qibu", "text", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, env=os.environ | variables)


def test_a_reader_who_has_had_enough_is_no_trouble(own_file: Path) -> None:
    with run(str(own_file), "--length", "1000000") as process:
        assert process.stdout and process.stderr
        process.stdout.read(5)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_a_terminal_of_another_alphabet_gets_what_it_can_show(byte_file: Path) -> None:
    with run(
        str(byte_file), "--seed", "1", "--allow", "春", "--length", "5", PYTHONIOENCODING="ascii"
    ) as process:
        out, _ = process.communicate(timeout=60)
    assert out.startswith(rb"\u6625\u6625")


def test_a_measure_is_taken_on_a_file(
    own_file: Path, writer: Writer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("some text", "utf-8")
    assert main(["evaluate", "text", str(own_file), "--from", str(tmp_path / "a.txt")]) == 0
    wanted = writer.score("some text").bits_per_character
    assert capsys.readouterr().out.startswith(f"{wanted:.3f} bits per character")


def test_a_text_model_has_a_trace_and_a_card(
    own_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = str(tmp_path / "trace.json")
    assert main(["trace", str(own_file), "--out", trace]) == 0
    assert main(["trace", str(own_file), "--check", trace]) == 0
    assert "1 text equal" in capsys.readouterr().out
    wrong = json.loads(Path(trace).read_text("utf-8"))
    wrong["texts"][0]["text"] += "!"
    Path(trace).write_text(json.dumps(wrong), "utf-8")
    assert main(["trace", str(own_file), "--check", trace]) == 1
    assert main(["inspect", "--card", str(own_file)]) == 0
    card = capsys.readouterr().out
    assert f"qibu evaluate text {own_file} --from FILE" in card or "None was measured" in card
    assert "MIT" not in card
