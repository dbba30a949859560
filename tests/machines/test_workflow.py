"""The workflow of a public host: what it covers, and that it installs the wheel."""

import re
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML isn't installed")
ROOT = Path(__file__).parents[2]
WELL_KNOWN = {
    "actions/checkout",
    "actions/setup-python",
    "actions/upload-artifact",
    "actions/download-artifact",
}


@pytest.fixture(scope="module")
def jobs() -> Any:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    return yaml.safe_load(text)["jobs"]


def runs(job: Any) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_every_kind_of_machine_is_there(jobs: Any) -> None:
    matrix = jobs["machines"]["strategy"]["matrix"]
    assert {re.sub(r"-\d[\d.]*", "", name) for name in matrix["os"]} == {
        "ubuntu",
        "ubuntu-arm",
        "macos",
        "windows",
    }
    # text, since 3.10 is else the number 3.1
    assert matrix["python"] == ["3.10", "3.12", "3.14"]


def test_the_wheel_is_built_once_and_installed_everywhere(jobs: Any) -> None:
    assert "pip wheel" in runs(jobs["wheel"])
    assert jobs["machines"]["needs"] == "wheel"
    assert not re.search(r"pip install.*( \.|-e |--editable)", runs(jobs["machines"]))
    assert "dist/*.whl" in runs(jobs["machines"])
    assert "qibu poem" in runs(jobs["machines"]) and "tests/runtime" in runs(jobs["machines"])


def test_the_whole_suite_runs_as_here(jobs: Any) -> None:
    assert ".ci/run" in runs(jobs["suite"]).split()


def test_only_well_known_actions_are_used(jobs: Any) -> None:
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert {name.partition("@")[0] for name in used} == WELL_KNOWN
    assert all(re.fullmatch(r"[\w/-]+@v\d+", name) for name in used)


def test_what_it_tests_is_there(jobs: Any) -> None:
    named = re.findall(r"tests/\w+", runs(jobs["machines"]))
    assert named and all((ROOT / name).is_dir() for name in named)
