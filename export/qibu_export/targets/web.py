"""`qibu export --web`: a page that runs models in the browser, for any static host."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from shutil import copyfile, copytree
from urllib.parse import quote

import qibu
from qibu.core.errors import InputError, ModelFileError
from qibu.core.files import atomic_folder
from qibu.core.identity import ModelIdentity
from qibu.core.model_file import KEY
from qibu.core.stepper import Stepper
from qibu.data.download import fill_folder
from qibu.data.registry import WEB_RUNTIME, cache_folder

from ..core.registry import page_files_module
from . import wasm
from .stepping import Stepping

ANY = "any"  # what a page calls the model of an application that it knows nothing of

COMPILED = ".wasm"

# hosts that don't know the ending .mjs send it as no script
RUNTIME_FILES: Mapping[str, str] = {
    "ort.wasm.bundle.min.mjs": "ort.wasm.bundle.min.js",
    "ort-wasm-simd-threaded.wasm": "ort-wasm-simd-threaded.wasm",
}


def write(
    models: Sequence[Path],
    path: Path,
    stepping: Stepping | None = None,
    source: Path | None = None,
) -> str:
    """Write a folder that is ready to be served.

    Models of an application that is known here are compiled to WebAssembly where that can be done;
    onnxruntime-web runs the others.

    Args:
        models: model files, at most one of each application and one of none.
        path: the folder, new or empty.
        stepping: how the one without a task is stepped, where the file leaves it open.
        source: a folder that holds onnxruntime-web's files; without it they are fetched with npm
            once and kept in the cache.

    Returns:
        Lines to print.

    Raises:
        InputError: two models are for one application, or `path` holds something.
        ModelFileError: a model has no state, or leaves a doubt which it is.
        DataError: onnxruntime-web is needed and can't be had; nothing is written then.
        VerificationError: what was compiled computes something else; nothing is written then.
    """
    stepping = stepping or Stepping()
    steppers = _by_application(models, stepping)
    with atomic_folder(path) as folder:
        page, module = web_sources()
        copytree(page, folder, dirs_exist_ok=True)
        copytree(module, folder / "qibu")
        (folder / "models").mkdir()
        files, lines = {}, []
        for name, stepper in steppers.items():
            files[name], told = _lay_down(name, stepper, folder, module)
            lines += told
            theirs = page_files_module(name)
            for file_name, document in theirs.page_files().items() if theirs else ():
                _write_json(folder / "models" / file_name, document)
        if any(file.suffix != COMPILED for file in files.values()):
            _add_runtime(folder / "ort", source)
        _write_json(folder / "site.json", _site(files, stepping))
        listed = _list_files(folder)
        worker = folder / "service-worker.js"
        hashes = json.dumps(listed, ensure_ascii=False, indent=1)
        text = worker.read_text("utf-8").replace("const FILES = {};", f"const FILES = {hashes};", 1)
        worker.write_text(text, "utf-8")
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    lines.append(
        f"wrote {path} ({len(listed) + 1} files, {size / 1e6:.1f} MB); "
        f"to see it: python -m http.server --directory {path}"
    )
    return "\n".join(lines)


def _lay_down(
    application: str, stepper: Stepper, folder: Path, module: Path
) -> tuple[Path, list[str]]:
    """Put a model into the page's folder, compiled where that can be done.

    Returns:
        The file, and lines to print.
    """
    if application == ANY:
        return _copy(stepper, folder), []
    if not wasm.is_possible():
        told = f"can't be compiled here (no {wasm.PACKAGES})"
    else:
        target = folder / "models" / stepper.path.with_suffix(COMPILED).name
        try:
            return target, [wasm.compile_model(stepper, target, module)]
        except ModelFileError as error:
            told = f"isn't compiled: {error}"
    return _copy(stepper, folder), [f"{stepper.path.name} {told}; onnxruntime-web runs it"]


def _copy(stepper: Stepper, folder: Path) -> Path:
    """Copy a model file and the side files that hold its weights."""
    for file in stepper.identity.files:
        target = folder / "models" / file.relative_to(stepper.path.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        copyfile(file, target)
    return folder / "models" / stepper.path.name


def _add_runtime(folder: Path, source: Path | None) -> None:
    """Copy onnxruntime-web."""
    runtime = cache_folder() / WEB_RUNTIME.folder
    fill_folder(runtime, [WEB_RUNTIME], source=source)
    folder.mkdir()
    for name, place in RUNTIME_FILES.items():
        copyfile(runtime / name, folder / place)


def web_sources() -> tuple[Path, Path]:
    """Give the folders of the page and of the module, in a checkout or an installed package.

    Raises:
        ModelFileError: neither is there.
    """
    for folder in (Path(__file__).parents[1] / "web", Path(qibu.__file__).parents[1] / "web"):
        if (folder / "page").is_dir():
            return folder / "page", folder / "qibu"
    raise ModelFileError(
        "the page isn't in this installation; get it anew: pip install --force-reinstall qibu"
    )


def _by_application(models: Sequence[Path], stepping: Stepping) -> Mapping[str, Stepper]:
    """Open the models; those of which nothing but their step is known go under `ANY`."""
    found: dict[str, Stepper] = {}
    for model in models:
        content = ModelIdentity(model).content
        says = content is not None and KEY in content.metadata
        stepper = Stepper(model, states=None if says else stepping.states)
        name = stepper.application.name if stepper.application else ANY
        if name in found:
            told = "for any network" if name == ANY else f"for {name}"
            raise InputError(
                f"{found[name].path} and {model} are both models {told}; a page has one for each"
            )
        found[name] = stepper
    return found


def _site(files: Mapping[str, Path], stepping: Stepping) -> Mapping[str, object]:
    """Say what the page shows: models by application, and how the one without is stepped."""
    site: dict[str, object] = {
        "models": {name: f"models/{quote(file.name)}" for name, file in files.items()},
        "bytes": {name: file.stat().st_size for name, file in files.items()},
        "version": qibu.__version__,
    }
    said = {
        "states": stepping.states,
        "sizes": stepping.sizes,
        "constants": stepping.constants,
    }
    if ANY in files and any(said.values()):
        site[ANY] = {name: value for name, value in said.items() if value}
    return site


def _list_files(folder: Path) -> Mapping[str, str]:
    """Give a short hash of every file but the service worker, which holds the list."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {
        name: sha256(path.read_bytes()).hexdigest()[:16]
        for name, path in names.items()
        if name != "service-worker.js"
    }


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), "utf-8")
