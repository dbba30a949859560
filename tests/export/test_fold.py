"""Folding in a process of its own: a crash is told, on whichever system."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from qibu_export.targets.c import fold

CRASHES = (-11, 0xC0000005)  # of a signal, and as Windows has it


@pytest.mark.parametrize("code", CRASHES)
def test_a_crash_is_told_as_one(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = SimpleNamespace(returncode=code, stdout="", stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    assert "crashes" in (fold._fold_apart(Path("a"), Path("b")) or "")


def test_what_is_refused_is_told_in_any_alphabet(tmp_path: Path) -> None:
    (tmp_path / "春.onnx").write_bytes(b"no model")
    told = fold._fold_apart(tmp_path / "春.onnx", tmp_path / "b.onnx")
    assert told is not None and "春.onnx" in told and "Traceback" not in told
