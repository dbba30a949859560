"""`qibu export --web`: what stands in the folder, and what is refused."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from graphs import gru, leaky, save

import qibu
from qibu.bundled import model_path
from qibu.cli.main import main
from qibu.data.registry import WEB_RUNTIME
from qibu_export.targets import wasm, web
from qibu_export.targets.web import RUNTIME_FILES


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with files in the place of onnxruntime-web's, an empty cache, no compiler."""
    monkeypatch.setattr(wasm, "is_possible", lambda: False)
    folder = tmp_path / "dist"
    folder.mkdir()
    lines = []
    for name in RUNTIME_FILES:
        (folder / name).write_text(f"// {name}", "utf-8")
        lines.append(f"{hashlib.sha256(f'// {name}'.encode()).hexdigest()}  {name}")
    hashes = tmp_path / "standing-in.sha256"
    hashes.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(web, "WEB_RUNTIME", replace(WEB_RUNTIME, hashes=str(hashes)))
    monkeypatch.setattr(web, "cache_folder", lambda: tmp_path / "cache")
    return folder


def export(*arguments: str | Path) -> int:
    return main(["export", *map(str, arguments)])


def test_without_a_compiler_the_models_lie_in_the_folder_as_they_are(
    runtime: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    assert export("poem", "digits", "--web", site, "--from", runtime) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == (
        "poem.onnx can't be compiled here (no clang lld wasi-libc); onnxruntime-web runs it"
    )
    assert len(told) == 3
    for name in ("poem", "digits"):
        assert (site / "models" / f"{name}.onnx").read_bytes() == model_path(name).read_bytes()
    listed = json.loads((site / "site.json").read_text("utf-8"))
    assert listed["models"] == {"poem": "models/poem.onnx", "digits": "models/digits.onnx"}
    assert listed["version"] == qibu.__version__


def test_a_file_without_a_task_is_said_how_to_step(runtime: Path, tmp_path: Path) -> None:
    site, model = tmp_path / "site", save(leaky(names=("a", "b")), tmp_path / "theirs.onnx")
    assert export("digits", model, "--web", site, "--from", runtime, "--states", "a=b") == 0
    listed = json.loads((site / "site.json").read_text("utf-8"))
    assert listed["models"] == {"digits": "models/digits.onnx", "any": "models/theirs.onnx"}
    assert listed["any"] == {"states": {"a": "b"}}
    assert (site / "models" / "theirs.onnx").read_bytes() == model.read_bytes()


def test_two_files_without_a_task_are_refused(
    runtime: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = [save(leaky(), tmp_path / f"{name}.onnx") for name in "ab"]
    assert export(*models, "--web", tmp_path / "site", "--from", runtime) == 2
    assert "are both models for any network" in capsys.readouterr().err


def test_weights_in_another_file_go_with_their_model(runtime: Path, tmp_path: Path) -> None:
    model = tmp_path / "theirs.onnx"
    onnx.save(gru(), model, save_as_external_data=True, location="w.data", size_threshold=99)
    assert export(model, "--web", tmp_path / "site", "--from", runtime) == 0
    assert (tmp_path / "site/models/w.data").read_bytes() == (tmp_path / "w.data").read_bytes()


def test_tables_of_verse_go_with_poems_only(runtime: Path, tmp_path: Path) -> None:
    for name, there in (("poem", True), ("digits", False)):
        assert export(name, "--web", tmp_path / name, "--from", runtime) == 0
        assert (tmp_path / name / "models" / "verse.json").exists() == there


def test_the_service_worker_knows_every_file_by_its_hash(runtime: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert export("digits", "--web", site, "--from", runtime) == 0
    text = (site / "service-worker.js").read_text("utf-8")
    match = re.search(r"const FILES = (\{.*?\});", text, re.DOTALL)
    assert match is not None
    files = json.loads(match[1])
    there = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    assert set(files) == there - {"service-worker.js"}
    for name, digest in files.items():
        assert hashlib.sha256((site / name).read_bytes()).hexdigest().startswith(digest)


def test_files_of_the_runtime_that_are_others_are_refused(
    runtime: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = next(iter(RUNTIME_FILES))
    (runtime / name).write_text("something else", "utf-8")
    assert export("digits", "--web", tmp_path / "site", "--from", runtime) == 2
    assert f"{runtime / name} has the sha256" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_without_npm_the_error_names_what_is_missing(
    runtime: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", "")
    assert export("digits", "--web", tmp_path / "site") == 2
    message = capsys.readouterr().err
    assert "onnxruntime-web" in message and "--from DIR" in message and "Node.js" in message


def test_two_models_of_one_task_are_refused(
    runtime: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(model_path("digits").read_bytes())
    assert export("digits", other, "--web", tmp_path / "site", "--from", runtime) == 2
    assert "are both models for digits" in capsys.readouterr().err


def test_a_folder_that_holds_something_is_left_alone(
    runtime: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("digits", "--web", runtime, "--from", runtime) == 2
    assert "holds something already" in capsys.readouterr().err
    assert sorted(path.name for path in runtime.iterdir()) == sorted(RUNTIME_FILES)


def test_several_models_go_with_a_page_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("poem", "digits", "--ort", tmp_path / "m.ort") == 2
    assert "several go with --web" in capsys.readouterr().err
