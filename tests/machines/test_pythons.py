"""Every Python from 3.10 to 3.14 that `make test` could find: it compiles all, and writes the poem.

Each has an environment of its own with numpy and onnxruntime, in `.venv/pythons`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import qibu

ROOT = Path(__file__).parents[2]
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
OTHERS = [version for version in VERSIONS if not sys.version.startswith(f"{version}.")]
# of all folders, in memory: nothing is left beside the sources
COMPILE = """
import sys, warnings
from pathlib import Path
warnings.simplefilter("error")
for folder in sys.argv[1:]:
    for path in Path(folder).rglob("*.py"):
        compile(path.read_text("utf-8"), str(path), "exec")
"""
FOLDERS = ("runtime", "train", "export", "demo", "tools", "benchmarks", "examples", "tests")


@pytest.fixture(params=OTHERS)
def python(request: pytest.FixtureRequest) -> Path:
    folder = ROOT / ".venv" / "pythons" / str(request.param)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        pytest.skip(f"no Python {request.param} here, or no numpy and onnxruntime for it")
    return python


def run(python: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "runtime"), "PYTHONUTF8": "1"}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(
        [python, *arguments], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_another_python_compiles_all_and_writes_the_same_poem(python: Path) -> None:
    run(python, "-c", COMPILE, *(str(ROOT / folder) for folder in FOLDERS))
    poet = qibu.load("poem")
    assert isinstance(poet, qibu.Poet)
    told = run(python, "-W", "error", "-m", "qibu", "poem", "--seed", "7")
    assert told == f"{poet.compose('七絕', seed=7)}\n"
    assert run(python, "-m", "qibu", "verify", "digits")
