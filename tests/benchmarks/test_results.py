"""The figures in the READMEs are those that were measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


def test_both_readmes_show_the_last_results() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "table.py"), "--check"]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_result_names_the_command_that_gives_it(path: Path) -> None:
    result = json.loads(path.read_text("utf-8"))
    assert (ROOT / result["command"].removeprefix("python ")).is_file()
    assert result["settings"] and result["machine"]["cpu"]
    assert all(len(row) == len(result["columns"]) for row in result["rows"])
    assert all(values for values in result["raw"].values())


def test_every_question_of_make_bench_is_a_script() -> None:
    line = next(
        t for t in (ROOT / "Makefile").read_text("utf-8").splitlines() if "QUESTIONS :=" in t
    )
    questions = line.partition(":=")[2].split()
    assert questions and all((ROOT / f"benchmarks/{name}.py").is_file() for name in questions)
    assert {path.stem for path in RESULTS} <= set(questions)
