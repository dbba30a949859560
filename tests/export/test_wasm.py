"""Models compiled for the page: what stands in the folder, and what doesn't get there."""

import json
import shutil
from pathlib import Path

import pytest
from graphs import leaky, save

import qibu
from qibu.bundled import model_path
from qibu.cli.main import main
from qibu.core.errors import ModelFileError, NotStreamingError, VerificationError
from qibu_export.targets import wasm, web
from qibu_export.targets.web import web_sources

pytestmark = pytest.mark.skipif(not wasm.is_possible(), reason=f"needs {wasm.PACKAGES}")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
MODULE = web_sources()[1]


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note the folders that onnxruntime-web is asked for, which isn't fetched."""
    asked: list[Path] = []
    monkeypatch.setattr(web, "_add_runtime", lambda folder, source: asked.append(folder))
    return asked


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wasm") / "digits.wasm"
    wasm.compile_model(qibu.Stepper(model_path("digits-gru")), path, MODULE)
    return path


def test_a_page_of_compiled_models_has_no_onnxruntime(
    runtime: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    assert main(["export", "digits-gru", "--web", str(site)]) == 0
    assert [path.name for path in (site / "models").iterdir()] == ["digits-gru.wasm"]
    listed = json.loads((site / "site.json").read_text("utf-8"))
    assert listed["models"] == {"digits": "models/digits-gru.wasm"}
    assert listed["bytes"] == {"digits": (site / "models" / "digits-gru.wasm").stat().st_size}
    assert runtime == []
    if shutil.which("node"):
        assert "28 steps as in the file's own trace" in capsys.readouterr().out


def test_a_stranger_s_file_and_one_that_reads_both_ways_are_run_by_onnxruntime(
    runtime: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger, site = save(leaky(), tmp_path / "theirs.onnx"), tmp_path / "site"
    assert main(["export", "digits-bilstm", str(stranger), "--web", str(site)]) == 0
    names = {path.name for path in (site / "models").iterdir()}
    assert names == {"digits-bilstm.onnx", "theirs.onnx"}
    assert len(runtime) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("digits-bilstm.onnx isn't compiled: ")
    assert told[0].endswith("; onnxruntime-web runs it")
    assert len(told) == 2


def test_it_says_which_model_it_was_made_of(compiled: Path) -> None:
    stepper = qibu.Stepper(model_path("digits-gru"))
    _, _, about = compiled.read_bytes().rpartition(b"\x04qibu")
    said = json.loads(about)
    assert said["model"] == stepper.model
    content = stepper.identity.content
    assert content is not None and said["document"] == content.metadata["qibu"]
    assert said["states"] == {"h_in": "h_out"}
    (rows,) = (port for port in said["inputs"] if port["name"] == "rows")
    assert (rows["type"], rows["batch"], rows["time"]) == ("float32", 0, 1)


@needs_node
def test_what_computes_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(source: str) -> list[tuple[str, int, int]]:
        return [(name, max(first - 1, 0), size) for name, first, size in places(source)]

    places = wasm.places
    monkeypatch.setattr(wasm, "places", shifted)
    with pytest.raises(VerificationError, match="does not do what the model does"):
        stepper = qibu.Stepper(model_path("digits-gru"))
        wasm.compile_model(stepper, tmp_path / "digits.wasm", MODULE)
    assert list(tmp_path.iterdir()) == []


def test_what_has_no_step_cannot_be_compiled(tmp_path: Path) -> None:
    with pytest.raises(NotStreamingError):
        stepper = qibu.Stepper(model_path("digits-bilstm"))
        wasm.compile_model(stepper, tmp_path / "digits.wasm", MODULE)


def test_c_that_clang_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wasm, "NO_FILES", "#error nothing but this\n")
    with pytest.raises(ModelFileError, match="nothing but this"):
        stepper = qibu.Stepper(model_path("digits-gru"))
        wasm.compile_model(stepper, tmp_path / "digits.wasm", MODULE)
    assert list(tmp_path.iterdir()) == []
