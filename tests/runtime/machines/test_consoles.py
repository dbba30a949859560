"""Consoles that lack characters, locales without an encoding, and input from Windows."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qibu.cli.any_console import is_closed_pipe
from qibu.cli.main import main
from qibu.core.errors import InputError
from qibu.data.recordings import read_recording

from .conftest import Commands, Run, endings

KEPT = "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"
# what is left of a locale where Python is told not to help itself
BARE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": None}
needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no locale of bytes")


def printed(
    command: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Run a command on a console of an encoding; give the code and what was printed."""
    console, told = io.TextIOWrapper(io.BytesIO(), encoding), io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", console)
        patch.setattr(sys, "stderr", told)
        code = main(command)
        console.flush()
    assert console.errors == "strict"  # as it was before
    return code, console.buffer.getvalue().decode(encoding), told.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "gbk", "utf-8"])
def test_every_command_prints_on_any_console(
    encoding: str, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in [*commands, ["models"], ["--help"]]:
        code, out, told = printed(list(command), encoding, monkeypatch)
        assert code == 0 and out, command
        hints = told.count(f"qibu: {encoding} lacks characters")
        assert hints == (r"\u" in out), command
        assert encoding != "utf-8" or not hints


def test_json_stays_json(poem_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["poem", "--model", str(poem_file), "--seed", "3", "--json"]
    _, whole, _ = printed(command, "utf-8", monkeypatch)
    _, escaped, _ = printed(command, "ascii", monkeypatch)
    assert escaped.isascii() and json.loads(escaped) == json.loads(whole)


def test_what_two_units_make_up_is_json_too(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "𠮷.png"
    picture.write_bytes((tmp_path / "one.png").read_bytes())
    digit = ["digit", str(picture), *commands[1][2:], "--json"]
    code, out, _ = printed(digit, "cp1252", monkeypatch)
    assert code == 0 and r"\ud842\udfb7.png" in out
    assert json.loads(out)["file"] == str(picture)


@needs_posix
@pytest.mark.parametrize("variables", [BARE, {**BARE, "PYTHONIOENCODING": "cp1252"}, {"LANG": "C"}])
def test_every_command_runs_in_any_locale(
    variables: dict[str, str | None], commands: Commands, run_apart: Run
) -> None:
    done = run_apart(commands, **{"LC_ALL": None, **variables})
    assert endings(done) == [f"{name} ends with 0" for name, *_ in commands]


@needs_posix
def test_a_command_line_of_another_encoding_is_read(tmp_path: Path, commands: Commands) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        environment.pop("PYTHONIOENCODING", None)
        environment |= {name: value for name, value in BARE.items() if value is not None}
        return subprocess.run(
            [sys.executable, "-m", "qibu", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    assert run("check", KEPT).returncode == 0
    (tmp_path / "春.png").write_bytes((tmp_path / "one.png").read_bytes())
    assert run("digit", "春.png", *commands[1][2:]).returncode == 0
    refused = run("trace", commands[0][2], "--out", "夏.json")
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert "can't be written in this locale's encoding, ascii" in refused.stderr
    assert "PYTHONUTF8=1" in refused.stderr


@needs_posix
def test_a_closed_stdout_is_no_trouble(own_file: Path) -> None:
    command = f'"{sys.executable}" -m qibu text "{own_file}" --seed 1 >&-'
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr


def test_windows_says_otherwise_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_closed_pipe(BrokenPipeError())
    assert not is_closed_pipe(OSError(22, "Invalid argument"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert is_closed_pipe(OSError(22, "Invalid argument"))
    assert not is_closed_pipe(OSError(22, "Invalid argument", "a?b.onnx"))


def test_csv_on_stdin_is_utf_8_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(content: bytes) -> list[list[float]]:
        given = io.TextIOWrapper(io.BytesIO(content), encoding="cp1252")
        monkeypatch.setattr(sys, "stdin", given)
        rows: list[list[float]] = read_recording("-").tolist()
        return rows

    assert read("\ufeff1,2\n3,4\n".encode()) == [[1, 2], [3, 4]]  # the mark is no name of a column
    assert read("温度,湿度\n3,4\n".encode()) == [[3, 4]]
    with pytest.raises(InputError, match="standard input is not UTF-8: byte 1"):
        read(b"1\xff,2\n")
