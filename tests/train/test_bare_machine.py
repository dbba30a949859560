"""Training where there is no home to write to, and no encoding but ASCII."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qibu_train.core.checkpoint import BEST

SCRIPT = """
import json
import sys

from qibu.cli.main import main

sys.exit(main(json.loads(sys.argv[1])))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no locale of bytes")
def test_a_poem_model_is_trained_without_a_home_or_an_encoding(
    poem_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    below = str(tmp_path / "file" / "home")
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "OMP_NUM_THREADS": "1"}
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), below)
    run = tmp_path / "run"
    size = ["--hidden", "8", "--layers", "1", "--epochs", "1", "--unchecked"]
    train = ["train", "poem", "--from", str(poem_folder), "--out", str(run), *size]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(train)],
        env={**os.environ, **bare, **places, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert (run / BEST).is_file()
