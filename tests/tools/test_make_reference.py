"""The reference is made of the docstrings without a warning, and has what is public."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import qibu

SCRIPT = Path(__file__).parents[2] / "tools" / "make_reference.py"


@pytest.mark.skipif(find_spec("pdoc") is None, reason="pdoc isn't installed")
def test_the_reference_has_every_public_name(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(SCRIPT), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    face = (tmp_path / "qibu.html").read_text("utf-8")
    assert [name for name in qibu.__all__ if f'id="{name}"' not in face] == []
    assert 'id="export_module"' in (tmp_path / "qibu_export.html").read_text("utf-8")
    assert (tmp_path / "qibu" / "core" / "stepper.html").is_file()
    assert (tmp_path / "qibu_train" / "core" / "trainer.html").is_file()
