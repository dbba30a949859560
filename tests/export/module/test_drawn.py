"""A property: any module drawn from the layers, its file and its C compute the same."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qibu.core.errors import NotStreamingError
from qibu_export.module.stepping import LIMIT
from qibu_export.targets.c import c_source

from .conftest import Export
from .drawn import draw

# all of the hundred with QIBU_DRAWN_MODULES=100, six minutes; `-s` shows what they came to
COUNT = int(os.environ.get("QIBU_DRAWN_MODULES", "8"))


@dataclass
class Tally:
    """How far off everything was."""

    files: list[float] = field(default_factory=list)
    programs: list[float] = field(default_factory=list)
    without_step: int = 0

    def __str__(self) -> str:
        return (
            f"{len(self.files)} modules and their files off by {max(self.files, default=0):.2e}; "
            f"{len(self.programs)} files and their C by {max(self.programs, default=0):.2e}; "
            f"{self.without_step} without C, since they have no step"
        )


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    counted = Tally()
    yield counted
    print(f"\n{counted}")


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_drawn_module_and_its_file_and_its_c_agree(
    export: Export, seed: int, tally: Tally, tmp_path: Path
) -> None:
    case = draw(seed)
    exported = export(case.model, **case.arguments)
    assert exported.verification.difference <= LIMIT, case.parts
    assert exported.verification.limit < 10 * LIMIT, case.parts
    assert not {"Loop", "Scan", "If"} & set(exported.operators), case.parts
    tally.files.append(exported.verification.difference)
    if "whole" in case.parts:
        with pytest.raises(NotStreamingError, match="there is no step"):
            c_source.write(exported.path, tmp_path / "c")
        tally.without_step += 1
    elif shutil.which("cc") is not None:
        told = c_source.write(exported.path, tmp_path / "c")
        # the graph of fixed sizes, then C's outputs, then C's states
        fixed, outputs, states = map(float, re.findall(r"(?:steps: |by )(\d\S*e[-+]\d+)", told))
        assert max(fixed, outputs, states) <= LIMIT, case.parts
        tally.programs.append(max(fixed, outputs, states))
