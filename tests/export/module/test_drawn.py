"""A property: any module drawn from the layers computes in its file what it does in torch."""

import os

import pytest

from qibu_export.module.stepping import LIMIT

from .conftest import Export
from .drawn import draw

# all of the hundred with QIBU_DRAWN_MODULES=100; a few seconds each
COUNT = int(os.environ.get("QIBU_DRAWN_MODULES", "25"))


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_drawn_module_and_its_file_agree(export: Export, seed: int) -> None:
    case = draw(seed)
    exported = export(case.model, **case.arguments)
    assert exported.verification.difference <= LIMIT, case.parts
    assert exported.verification.limit < 10 * LIMIT, case.parts
    assert not {"Loop", "Scan", "If"} & set(exported.operators), case.parts
