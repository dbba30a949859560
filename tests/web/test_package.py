"""The package that `npm pack` makes: installed from its tarball, it steps in Node and a browser."""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from any_files import write_sensor, write_stranger

import qibu
from qibu.bundled import model_path

ROOT = Path(__file__).parents[2]
WEB = ROOT / "runtime" / "web"
PACKAGE = json.loads((WEB / "package.json").read_text("utf-8"))

# what Node and the browser are asked, given the files' bytes
STEPS = """
import { Stepper, State, verifyOwnTrace } from "qibu";

export async function steps(open) {
  const digits = await Stepper.open(await open("digits.onnx"));
  const row = Array.from({ length: 28 }, (_, i) => i / 28);
  let [outputs, state] = await digits.step({ rows: [[row]] }, digits.initialState());
  [outputs, state] = await digits.step({ rows: [[row]] }, State.fromBytes(state.toBytes()));
  const probabilities = [...outputs.probabilities.data];

  const stranger = await Stepper.open(await open("stranger.onnx"));
  state = stranger.initialState();
  const inputs = { frame: [Array.from({ length: 40 }, (_, i) => i)], rate: [3] };
  for (let i = 0; i < 2; i++) [outputs, state] = await stranger.step(inputs, state);
  const cache = state.get("cache_in").dims;

  const trace = await verifyOwnTrace(await Stepper.open(await open("sensor.onnx")));
  return { probabilities, largest: [...outputs.largest.data], cache, trace: { ...trace } };
}
"""

TYPED = """
import { InputError, State, Stepper, load, verifyOwnTrace } from "qibu";
import type { ArrayLike, StepperOptions, Tensor, TraceResult } from "qibu";

const options: StepperOptions = { provider: "wasm", states: { h: "hn" } };

export async function score(file: Uint8Array, rows: number[][]): Promise<number> {
  const stepper: Stepper = await Stepper.open(file, options);
  let state: State = stepper.initialState(1);
  let outputs: Record<string, Tensor> = {};
  for (const row of rows) {
    const x: ArrayLike = [[row]];
    [outputs, state] = await stepper.step({ x }, state);
  }
  const names: string[] = Object.keys(stepper.inputs);
  const unit: string | undefined = stepper.spec?.ports[names[0]]?.unit;
  const bytes: Uint8Array = state.toBytes();
  const [first]: State[] = State.fromBytes(bytes).fork(2).split();
  const result: TraceResult = await verifyOwnTrace(stepper);
  if (first.batch !== 1 || unit === "") throw new InputError("odd");
  return Number(outputs.score.data[0]) + result.difference;
}

// @ts-expect-error: a state is wanted
export const wrong = async (stepper: Stepper) => stepper.step({ x: [1] });
export const opened = load("model.onnx");
"""


def _run(command: list[str], folder: Path) -> str:
    run = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def tarball(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    _run([str(shutil.which("npm")), "pack", "--silent", "--pack-destination", str(folder)], WEB)
    (file,) = folder.iterdir()
    return file


@pytest.fixture(scope="module")
def installed(tarball: Path, node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the tarball into a folder that holds onnxruntime-web alone, and models beside it."""
    folder = tmp_path_factory.mktemp("installed")
    version = PACKAGE["devDependencies"]["onnxruntime-web"]
    manifest = {"private": True, "dependencies": {"onnxruntime-web": version}}
    (folder / "package.json").write_text(json.dumps(manifest), "utf-8")
    # what npm finds there it doesn't fetch again, and what nobody wants it takes away
    shutil.copytree(
        node_modules,
        folder / "node_modules",
        copy_function=_link,
        symlinks=True,
        ignore=lambda at, names: {".bin", ".vite", ".package-lock.json"} & set(names),
    )
    npm = [str(shutil.which("npm")), "install", "--offline", "--no-audit", "--no-fund"]
    _run([*npm, str(tarball)], folder)
    (folder / "steps.mjs").write_text(STEPS, "utf-8")
    shutil.copy(model_path("digits"), folder / "digits.onnx")
    write_stranger(folder / "stranger.onnx")
    write_sensor(folder / "sensor.onnx")
    return folder


def _link(source: str, target: str) -> None:
    """Give a file a second name, which takes no room."""
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copyfile(source, target)


def _check(found: dict[str, Any]) -> None:
    stepper = qibu.Stepper(model_path("digits"))
    rows, state = [[np.arange(28, dtype=np.float32) / 28]], stepper.initial_state()
    for _ in range(2):
        outputs, state = stepper.step({"rows": rows}, state)
    np.testing.assert_allclose(found["probabilities"], outputs["probabilities"][0], atol=1e-5)
    assert found["largest"] == [2 * 39 * 3] and found["cache"] == [1, 2, 40]
    assert found["trace"]["steps"] == 3 and found["trace"]["difference"] < 1e-5


def test_it_holds_the_module_its_types_and_what_a_reader_wants(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
    modules = {f.relative_to(WEB).as_posix() for f in (WEB / "qibu").rglob("*.js")}
    types = {f"types{name.removeprefix('qibu').removesuffix('.js')}.d.ts" for name in modules}
    assert names == modules | types | {"package.json", "README.md", "LICENSE"}


def test_its_version_is_pythons() -> None:
    assert PACKAGE["version"] == qibu.__version__


def test_it_steps_in_node(installed: Path) -> None:
    code = (
        'import { readFile } from "node:fs/promises"; import { steps } from "./steps.mjs";'
        "console.log(JSON.stringify(await steps((name) => readFile(name))));"
    )
    told = _run(["node", "--input-type=module", "--eval", code], installed)
    _check(json.loads(told))


def test_it_steps_in_a_browser(installed: Path, serve: Callable[[Path], str], browser: Any) -> None:
    readme = (installed / "node_modules" / "qibu" / "README.md").read_text("utf-8")
    import_map = readme.split("```html\n")[1].split("```")[0]  # as it stands there
    (installed / "index.html").write_text(f"<!doctype html>{import_map}", "utf-8")
    page = browser.new_page()
    page.goto(serve(installed))
    found = page.evaluate(
        "async () => (await import('./steps.mjs')).steps((name) => new URL(name, location.href))"
    )
    page.close()
    _check(found)


@pytest.mark.parametrize("resolution", ["bundler", "nodenext"])
def test_its_types_fit_a_program_in_typescript(
    installed: Path, node_modules: Path, resolution: str
) -> None:
    (installed / "use.mts").write_text(TYPED, "utf-8")
    module = "nodenext" if resolution == "nodenext" else "esnext"
    command = [str(node_modules / ".bin" / "tsc"), "--strict", "--noEmit", "--target", "es2022"]
    choices = ["--module", module, "--moduleResolution", resolution, "--types", ""]
    _run([*command, *choices, "use.mts"], installed)


def test_its_readme_says_what_runs(installed: Path) -> None:
    readme = (WEB / "README.md").read_text("utf-8")
    code = readme.split("```js\n")[1].split("```")[0]
    assert 'Stepper.open("anomaly.onnx")' in code and "outputs.score" in code
    code = code.replace('"anomaly.onnx"', 'await readFile("sensor.onnx")')
    head = 'import { readFile } from "node:fs/promises"; const rows = [[1, 2, 3], [0, 0, 1]];\n'
    told = _run(["node", "--input-type=module", "--eval", head + code], installed)
    assert told.count("Float32Array(2)") == 2
    assert "3 steps as in the file's own trace" in told
