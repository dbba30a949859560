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
from .stepping import Stepping

ANY = "any"  # what a page calls the model of an application that it knows nothing of

# hosts that don't know the ending .mjs send it as no script
RUNTIME_FILES: Mapping[str, str] = {
    "ort.wasm.bundle.min.mjs": "ort/ort.wasm.bundle.min.js",
    "ort-wasm-simd-threaded.wasm": "ort/ort-wasm-simd-threaded.wasm",
}


def write(
    models: Sequence[Path],
    path: Path,
    stepping: Stepping | None = None,
    source: Path | None = None,
) -> str:
    """Write a folder that is ready to be served.

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
        DataError: onnxruntime-web can't be had; nothing is written then.
    """
    stepping = stepping or Stepping()
    steppers = _by_application(models, stepping)
    runtime = cache_folder() / WEB_RUNTIME.folder
    with atomic_folder(path) as folder:
        fill_folder(runtime, [WEB_RUNTIME], source=source)
        page, module = web_sources()
        copytree(page, folder, dirs_exist_ok=True)
        copytree(module, folder / "qibu")
        (folder / "ort").mkdir()
        for name, place in RUNTIME_FILES.items():
            copyfile(runtime / name, folder / place)
        (folder / "models").mkdir()
        for name, stepper in steppers.items():
            for file in stepper.identity.files:
                target = folder / "models" / file.relative_to(stepper.path.parent)
                target.parent.mkdir(parents=True, exist_ok=True)
                copyfile(file, target)
            theirs = page_files_module(name)
            for file_name, document in theirs.page_files().items() if theirs else ():
                _write_json(folder / "models" / file_name, document)
        _write_json(folder / "site.json", _site(steppers, stepping))
        files = _list_files(folder)
        worker = folder / "service-worker.js"
        listed = json.dumps(files, ensure_ascii=False, indent=1)
        text = worker.read_text("utf-8").replace("const FILES = {};", f"const FILES = {listed};", 1)
        worker.write_text(text, "utf-8")
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return (
        f"wrote {path} ({len(files) + 1} files, {size / 1e6:.1f} MB); "
        f"to see it: python -m http.server --directory {path}"
    )


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


def _site(steppers: Mapping[str, Stepper], stepping: Stepping) -> Mapping[str, object]:
    """Say what the page shows: models by application, and how the one without is stepped."""
    site: dict[str, object] = {
        "models": {
            name: f"models/{quote(stepper.path.name)}" for name, stepper in steppers.items()
        },
        "version": qibu.__version__,
    }
    said = {
        "states": stepping.states,
        "sizes": stepping.sizes,
        "constants": stepping.constants,
    }
    if ANY in steppers and any(said.values()):
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
