"""Every provider that can be had here gives what the CPU gives, states included.

OpenVINO comes in a build of onnxruntime of its own, so it is installed in an environment of its
own and stepped by another process. CUDA runs wherever a GPU and its provider are.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from onnxruntime import get_available_providers

import qibu
from qibu.bundled import bundled_models, model_path
from qibu.core.arrays import Array
from qibu_export.trained.export import export
from qibu_train.core.checkpoint import Checkpoint

# of values up to 1, and of a share of larger ones, as for torch against onnxruntime: both sum the
# same float32 products in another order, over up to 7 steps, and each may be half of this off
LIMIT = 2e-5
ROOT = Path(__file__).parents[2]
CELLS = ("rnn", "gru", "lstm")
RANDOM = [f"{task}-{cell}-{n}" for task in ("poem", "digits") for cell in CELLS for n in (1, 2)]
BUNDLED = [name for name in bundled_models() if qibu.load(name).stepper.pairs]  # that have steps
MODELS = [*RANDOM, *(f"bundled-{name}" for name in BUNDLED)]

Results = Mapping[str, Array]


@pytest.fixture(scope="module")
def folder(
    make_checkpoint: Callable[..., Checkpoint], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give a folder of float models of every task and cell, one layer and two, and the bundled."""
    folder = tmp_path_factory.mktemp("models")
    for name in RANDOM:
        task, cell, layers = name.split("-")
        export(make_checkpoint(task, cell, int(layers)), folder / f"{name}.onnx")
    for name in BUNDLED:
        (folder / f"bundled-{name}.onnx").write_bytes(model_path(name, "openvino").read_bytes())
    return folder


def step_on(provider: str, python: Path | str, folder: Path) -> Results:
    out = folder / f"{provider}.npz"
    command = [python, ROOT / "tests" / "export" / "stepping.py", provider, folder, out]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "runtime")}
    result = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stderr
    with np.load(out) as content:
        return {name: content[name] for name in content.files}


@pytest.fixture(scope="module")
def on_cpu(folder: Path) -> Results:
    return step_on("cpu", sys.executable, folder)


@pytest.fixture(scope="module")
def on_openvino(folder: Path) -> Results:
    script = ROOT / "benchmarks" / "environments.py"
    made = subprocess.run(
        [sys.executable, script, "openvino-provider"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"onnxruntime-openvino can't be installed: {made.stderr.strip()}")
    return step_on("openvino", made.stdout.strip(), folder)


def cuda_starts() -> bool:
    if "CUDAExecutionProvider" not in get_available_providers():
        return False
    try:
        qibu.load("digits", provider="cuda")
    except qibu.ProviderError:
        return False
    return True


needs_cuda = pytest.mark.skipif(not cuda_starts(), reason="no GPU, or no onnxruntime-gpu")


@pytest.fixture(scope="module")
def on_cuda(folder: Path) -> Results:
    return step_on("cuda", sys.executable, folder)


def differences(found: Results, wanted: Results, model: str) -> dict[str, float]:
    """Give the largest difference of each of a model's arrays, relative above 1."""
    keys = [key for key in wanted if key.startswith(f"{model}/")]
    assert len(keys) >= 2 * 3 * 2  # batches, ways, outputs and states
    return {
        key: float((np.abs(found[key] - wanted[key]) / np.maximum(1, np.abs(wanted[key]))).max())
        for key in keys
    }


@pytest.mark.parametrize("model", MODELS)
def test_openvino_gives_what_the_cpu_gives(
    model: str, on_openvino: Results, on_cpu: Results
) -> None:
    found = differences(on_openvino, on_cpu, model)
    assert max(found.values()) <= LIMIT, found


@needs_cuda
@pytest.mark.parametrize("model", MODELS)
def test_cuda_gives_what_the_cpu_gives(model: str, on_cuda: Results, on_cpu: Results) -> None:
    found = differences(on_cuda, on_cpu, model)
    assert max(found.values()) <= LIMIT, found


@pytest.mark.parametrize("provider", ["cpu", pytest.param("cuda", marks=needs_cuda)])
def test_states_and_buffers_stay_where_the_model_runs(provider: str) -> None:
    poet = qibu.load("poem", provider=provider)
    stream = qibu.Stream(poet.stepper, poet.stepper.initial_state(3))
    stream.put("tokens", np.full((3, 1), 100))
    parts = (stream._bound, stream._outputs, *stream._states)
    values = [buffer.value for part in parts for buffer in part.values()]
    assert len(values) == 6 + 2 + 2 * 2  # inputs, outputs, and twice the states
    places = [(value.device_name(), value.data_ptr()) for value in values]
    for step in range(10):
        stream.put("tokens", np.full((3, 1), 100 + step))
        stream.step()
    assert {device for device, _ in places} == {provider}
    assert [(value.device_name(), value.data_ptr()) for value in values] == places
    wanted = poet.stepper.initial_state(3)
    for step in range(10):
        outputs, wanted = poet.stepper.step({"tokens": np.full((3, 1), 100 + step)}, wanted)
    assert np.allclose(stream.fetch("logits"), outputs["logits"], atol=LIMIT, rtol=LIMIT)
    assert stream.fetch("logits").any()
