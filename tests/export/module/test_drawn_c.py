"""A property: the C of any module drawn from the layers computes what its file does."""

import os
import shutil
from pathlib import Path

import pytest

from qibu.core.errors import NotStreamingError
from qibu_export.targets.c import c_source

from .conftest import Export
from .drawn import draw

# all of the hundred with QIBU_DRAWN_MODULES=100; a few seconds each
COUNT = int(os.environ.get("QIBU_DRAWN_MODULES", "8"))

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_drawn_module_s_file_and_its_c_agree(export: Export, seed: int, tmp_path: Path) -> None:
    case = draw(seed)
    exported = export(case.model, **case.arguments)
    if "whole" in case.parts:
        with pytest.raises(NotStreamingError, match="there is no step"):
            c_source.write(exported.path, tmp_path / "c")
    else:
        told = c_source.write(exported.path, tmp_path / "c")
        assert "steps: outputs off by" in told and "(limit 1e-05)" in told, case.parts
