"""The program in a process of its own, as another machine would start it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# several commands in one process, since starting one takes longer than what it does
SCRIPT = """
import json
import sys

{before}
from qibu.cli.main import main

for arguments in json.loads(sys.argv[1]):
    print("\\n" + arguments[0], "ends with", main(arguments), flush=True)
"""
Commands = Sequence[Sequence[str]]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def commands(poem_file: Path, digits_file: Path, own_file: Path, tmp_path: Path) -> Commands:
    """Give a command for each thing that the program does without a network."""
    paper = np.full((90, 70), 250, np.uint8)
    paper[20:70, 30:38] = 20
    Image.fromarray(paper).save(tmp_path / "one.png")
    kept = "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"
    return [
        ["poem", "--model", str(poem_file), "--seed", "3"],
        ["digit", str(tmp_path / "one.png"), "--model", str(digits_file)],
        ["text", str(own_file), "--seed", "7", "--allow", "a春é", "--length", "20"],
        ["check", kept],
        ["inspect", str(poem_file)],
    ]


@pytest.fixture
def run_apart(tmp_path: Path) -> Run:
    """Give what runs commands in a process: those, code to run before, a prefix, variables."""

    def run(
        commands: Commands, before: str = "", prefix: Sequence[str] = (), **variables: str | None
    ) -> "subprocess.CompletedProcess[str]":
        given = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        environment = {**given, **{k: v for k, v in variables.items() if v is not None}}
        for name in [name for name, value in variables.items() if value is None]:
            environment.pop(name, None)
        script = SCRIPT.format(before=before)
        return subprocess.run(
            [*prefix, sys.executable, "-c", script, json.dumps(commands)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=False,
        )

    return run


def endings(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """Give how each command ended, or fail with what went wrong."""
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if " ends with " in line]
