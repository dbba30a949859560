"""Opening an onnxruntime session where the caller asked for it, and nowhere else."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import onnxruntime as ort

from .errors import InputError, ModelFileError, ProviderError

T = TypeVar("T")

PROVIDERS: Mapping[str, str] = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "qnn": "QNNExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
    "xnnpack": "XnnpackExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
# "auto" takes the first of these that works; the others trade start-up or accuracy for speed
AUTOMATIC = ("cuda", "rocm", "cpu")


# whose memory onnxruntime can bind buffers in; the others take the host's
_MEMORY: Mapping[str, str] = {"tensorrt": "cuda", "cuda": "cuda"}


def memory_of(provider: str) -> str:
    """Name the memory in which a provider wants its buffers, as onnxruntime calls it."""
    return _MEMORY.get(provider, "cpu")


def available_providers() -> list[str]:
    """Name the providers that this onnxruntime was built with, by Qibu's short names."""
    built = ort.get_available_providers()
    short = {full: name for name, full in PROVIDERS.items()}
    return [short.get(full, full) for full in built]


def open_session(path: Path, provider: str = "cpu", threads: int = 1) -> ort.InferenceSession:
    """Open a model file.

    Args:
        path: an ONNX file.
        provider: a short name such as "cpu" or "cuda", onnxruntime's own name for it, or "auto".
        threads: within one operator; 1 suits a small network, more rarely helps a step.

    Raises:
        ProviderError: onnxruntime lacks the provider, or can't start it on this machine.
        ModelFileError: the file is missing, cut off or no ONNX model.
        InputError: threads is not above 0.
    """
    if threads < 1:
        raise InputError(f"threads must be at least 1, got {threads}")
    if not path.is_file():
        raise ModelFileError(f"no model file {str(path)!r}")
    return start_first(provider, lambda name: _open(path, name, threads))


def start_first(provider: str, start: Callable[[str], T]) -> T:
    """Start something on a provider; for "auto", on the first that works.

    Raises:
        ProviderError: onnxruntime lacks the provider, or none starts.
    """
    choices = available_providers()
    if provider == "auto":
        wanted = [name for name in AUTOMATIC if name in choices]
    else:
        short = {full: name for name, full in PROVIDERS.items()}.get(provider, provider)
        if short not in choices:
            raise ProviderError(
                f"provider {provider!r} can't be had here; "
                f"this onnxruntime has {', '.join(choices)}"
            )
        wanted = [short]
    for name in wanted[:-1]:
        try:
            return start(name)
        except ProviderError:
            continue
    return start(wanted[-1])


def _open(path: Path, provider: str, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # errors reach the caller as exceptions
    full = PROVIDERS.get(provider, provider)
    try:
        session = ort.InferenceSession(os.fspath(path), options, providers=[full])
    except Exception as error:  # onnxruntime's exceptions share no public base class
        message = str(error).strip().splitlines()[0]
        if provider != "cpu" and full in message:
            raise ProviderError(f"provider {provider!r} does not start here: {message}") from error
        raise ModelFileError(f"{path} is not an ONNX model that runs: {message}") from error
    running = session.get_providers()
    if running[0] != full:  # onnxruntime itself falls back to the CPU without an error
        raise ProviderError(
            f"provider {provider!r} does not start here (onnxruntime chose {running[0]}); "
            f"use one of {', '.join(name for name in available_providers() if name != provider)}"
        )
    return session
