"""The module in JavaScript: its own tests, its types, and what comes back from it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from qibu import Poet, State, Writer, load

WEB = Path(__file__).parents[2] / "runtime" / "web"


def _run(name: str, node_modules: Path, *arguments: str, **variables: str) -> None:
    command = [str(node_modules / ".bin" / name), *arguments]
    environment = os.environ | variables
    run = subprocess.run(
        command, cwd=WEB, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="session")
def tested(node_modules: Path, expected: Path) -> Path:
    _run("vitest", node_modules, "run", QIBU_EXPECTED=str(expected))
    return expected


def test_its_types_are_right(node_modules: Path) -> None:
    _run("tsc", node_modules)


def test_it_computes_what_python_computes(tested: Path) -> None:
    assert (tested / "from-javascript.npz").is_file()


def test_a_state_saved_by_it_is_read_here_to_the_bit(tested: Path, poet: Poet) -> None:
    ours, theirs = (State.load(tested / n) for n in ("state.npz", "from-javascript.npz"))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    poet.stepper.step({"tokens": [[5], [6], [7]]}, theirs)


@pytest.mark.parametrize("name", ["gru-char", "lstm-byte"])
def test_a_text_s_state_saved_by_it_is_gone_on_from_here(tested: Path, name: str) -> None:
    writer: Writer = load(tested / f"{name}.onnx")
    ours, theirs = (State.load(tested / f"{n}{name}.npz") for n in ("", "from-javascript-"))
    assert np.array_equal(ours["tokens"], theirs["tokens"])
    assert writer.write(state=theirs, seed=4) == writer.write(state=ours, seed=4)


@pytest.mark.parametrize("name", ["cache", "begun", "types", "unnamed", "fixed", "gru", "side"])
def test_states_of_any_file_come_back_from_it_to_the_bit(tested: Path, name: str) -> None:
    data = (tested / f"from-javascript-{name}.state").read_bytes()
    state, saved = State.from_bytes(data), State.load(tested / f"from-javascript-{name}.npz")
    assert state.to_bytes() == saved.to_bytes() == data
    if name in ("cache", "begun", "unnamed", "fixed"):  # whose arithmetic is the same everywhere
        assert data == (tested / "strangers" / f"{name}.state").read_bytes()


def test_its_package_names_exact_versions_and_no_lock_file_is_kept() -> None:
    package = json.loads((WEB / "package.json").read_text("utf-8"))
    assert all(version[0].isdigit() for version in package["devDependencies"].values())
    assert "dependencies" not in package
    assert list(package["peerDependencies"]) == ["onnxruntime-web"]
    git = shutil.which("git")
    if git is None:
        pytest.skip("git isn't installed")
    run = subprocess.run([git, "ls-files", "."], cwd=WEB, capture_output=True, encoding="utf-8")
    assert not [name for name in run.stdout.split() if "lock" in name]
