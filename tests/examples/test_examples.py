"""Every example is run as a stranger runs it: by itself, in an empty folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
# what each says, and between what its figures lie: far from those of its seed, since training ends
# in other digits on another processor
SAYS: dict[str, tuple[str, list[tuple[float, float]]]] = {
    "anomaly_gru": (
        r"faults found within 10 rows: (\d+) of 100, sensor right: (\d+)\n"
        r"false alarms: (\d+) in 10,000 normal rows",
        [(90, 100), (85, 100), (0, 50)],
    ),
    "keyword_spotter": (
        r"words heard: (\d+) of 200; wrong frames: (\d+) of 7,200",
        [(180, 200), (0, 50)],
    ),
    "own_application": (r"alarm at reading (\d+)$", [(25, 25)]),
    "policy": (
        r"falls of 100 poles in 10 seconds: (\d+)\n"
        r"it would stand blows from (-\d\.\d) to (\d\.\d) rad/s",
        [(0, 10), (-4, -1), (1, 4)],
    ),
    "streaming_enhancer": (
        r"noise beside the signal: (-?0\.\d) dB, cleaned (-\d+\.\d) dB",
        [(-0.5, 0.5), (-30, -8)],
    ),
}
MAKES_C = {"anomaly_gru", "keyword_spotter", "policy", "streaming_enhancer"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_read_at_once(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 100


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_says_what_it_found(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    pattern, limits = SAYS[path.stem]
    said = re.search(pattern, done.stdout, re.MULTILINE)
    assert said is not None, done.stdout
    for figure, (least, most) in zip(map(float, said.groups()), limits, strict=True):
        assert least <= figure <= most, done.stdout
    if path.stem in MAKES_C and shutil.which("cc"):
        assert re.search(r"^cc: .* off by .*\(limit \S+\)$", done.stdout, re.MULTILINE)
