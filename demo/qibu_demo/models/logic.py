"""The table of models, what an uploaded file says of itself, and how long a step takes here."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import qibu
from qibu.core.description import describe
from qibu.core.errors import ModelFileError
from qibu.core.onnx_file import read_onnx
from qibu.quality.catalogue import catalogue
from qibu.quality.kind import quality_of

from ..page.bundled import opened

STEPS = 200


def describe_upload(data: bytes) -> dict[str, Any]:
    """Give what an uploaded ONNX file says, without running it.

    Raises:
        ModelFileError: it is no ONNX model, keeps its weights in other files, or its metadata is
            broken.
    """
    file = read_onnx(data)
    if file.side_files:
        raise ModelFileError(
            "the model keeps its weights in other files, which can't be read here; "
            "save it as one file: onnx.save(model, path, save_as_external_data=False)"
        )
    return describe(file, len(data))


def table() -> list[dict[str, Any]]:
    """Give a row for each bundled model: name, task, cell, sizes and its figure."""
    return [{**asdict(entry), "quality": entry.quality} for entry in catalogue()]


def step_time(name: str) -> dict[str, Any]:
    """Measure a bundled model's step on this machine.

    Returns:
        The model's name, the provider that runs it, the median and the 95th percentile of a step
        in µs, and of how many steps.

    Raises:
        InputError: no such model is bundled.
    """
    model = opened(name)
    stepper = model.stepper
    *_, given = quality_of(stepper.spec, name).own_trace(model)
    step: Callable[[], object] = partial(stepper.run, given)
    if stepper.pairs:
        stream = qibu.Stream(stepper, stepper.initial_state())
        stream.step(given)
        step = stream.step
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
        "unit": "step" if stepper.pairs else "whole",
    }
