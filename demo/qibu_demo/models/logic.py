"""The table of models, what an uploaded file says of itself, and how long a step takes here."""

import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import qibu
from qibu.core.errors import ModelFileError
from qibu.core.model_file import KEY, ModelSpec
from qibu.core.pairing import find_pairs
from qibu.verse.prompt import POEM

from ..page.bundled import opened
from .onnx_file import read_onnx

STEPS = 200


def describe(data: bytes) -> dict[str, Any]:
    """Give what an ONNX file says: its states, its other inputs and outputs, its record.

    Raises:
        ModelFileError: it is no ONNX model in one file, or its metadata is broken.
    """
    file = read_onnx(data)
    document = file.metadata.get(KEY)
    trouble = ""
    if document is not None:
        spec = ModelSpec.from_json(document)
        pairs = spec.states
    else:
        spec = None
        try:
            pairs = find_pairs(file.inputs, file.outputs)
        except ModelFileError as error:
            pairs, trouble = (), str(error)
    carried = {name for pair in pairs for name in (pair.input, pair.output)}
    return {
        "bytes": len(data),
        "producer": file.producer,
        "opset": file.opset,
        "weights": file.weights,
        "operators": dict(file.operators.most_common()),
        "states": [
            {"input": p.input, "output": p.output, "shape": list(p.shape), "type": p.dtype}
            for p in pairs
        ],
        "inputs": [str(port) for port in file.inputs if port.name not in carried],
        "outputs": [str(port) for port in file.outputs if port.name not in carried],
        "no_state": trouble,
        "qibu": _record(spec, document),
    }


def _record(spec: ModelSpec | None, document: str | None) -> dict[str, Any] | None:
    if spec is None or document is None:
        return None
    known: dict[str, Any] = json.loads(document)
    known.pop("states")
    vocabulary = known.pop("vocabulary")
    if vocabulary:
        known["vocabulary"] = {"characters": len(vocabulary["characters"])}
    return known


def table() -> list[dict[str, Any]]:
    """Give a row for each bundled model: name, task, cell, sizes and its figure."""
    return [_row(name, path) for name, path in qibu.bundled_models().items()]


def _row(name: str, path: Path) -> dict[str, Any]:
    description = describe(path.read_bytes())
    record = description["qibu"]
    return {
        "name": name,
        "task": record["task"],
        "cell": record["cell"],
        "num_layers": record["num_layers"],
        "hidden_size": record["hidden_size"],
        "weights": description["weights"],
        "bytes": description["bytes"],
        "quantization": record["quantization"],
        "streaming": record["streaming"],
        "quality": record["quality"],
    }


def figure(quality: Mapping[str, Any]) -> str:
    """Give the one figure of a model that people ask for."""
    for name, unit, scale in (("perplexity", "", 1), ("accuracy", " %", 100)):
        for key, value in quality.items():
            if key.startswith(name) and isinstance(value, int | float):
                return f"{name} {value * scale:.2f}{unit}"
    return ""


def step_time(name: str) -> dict[str, Any]:
    """Measure a bundled model's step on this machine.

    Returns:
        The model's name, the provider that runs it, the median and the 95th percentile of a step
        in µs, and of how many steps.

    Raises:
        InputError: no such model is bundled.
    """
    stepper = opened(name).stepper
    if stepper.pairs:
        stream = qibu.Stream(stepper, stepper.initial_state())
        if isinstance(opened(name), qibu.Poet):
            assert stepper.spec is not None and stepper.spec.vocabulary is not None
            stream.put("tokens", np.array([[stepper.spec.vocabulary.id(POEM)]], np.int64))
        step = stream.step
    else:
        picture = np.zeros((1, 28, 28), np.float32)

        def step() -> None:
            stepper.run({"rows": picture})

    times = []
    for _ in range(STEPS):
        started = time.perf_counter()
        step()
        times.append((time.perf_counter() - started) * 1e6)
    times = times[STEPS // 10 :]  # the first ones warm up
    return {
        "model": name,
        "provider": stepper.provider,
        "median_us": round(statistics.median(times), 1),
        "p95_us": round(statistics.quantiles(times, n=20)[-1], 1),
        "steps": len(times),
        "unit": "step" if stepper.pairs else "picture",
    }
