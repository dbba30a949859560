import subprocess
import sys
from pathlib import Path


def test_long_runs_lose_nothing() -> None:
    # in a process of its own: what other tests have freed would take up what is lost
    command = [sys.executable, "-m", "pytest", str(Path(__file__).with_name("endurance.py"))]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
