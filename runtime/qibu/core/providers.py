"""Opening an onnxruntime session where the caller asked for it, and nowhere else."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import onnxruntime as ort

from .arrays import Array
from .errors import InputError, ModelFileError, ProviderError, RunError

T = TypeVar("T")


@dataclass(frozen=True)
class Provider:
    """What Qibu has to know of one of onnxruntime's execution providers.

    Attributes:
        full: onnxruntime's own name for it.
        memory: whose memory its buffers can be bound in, as onnxruntime calls it.
        options: its settings; `{threads}` stands for the number of threads.
    """

    full: str
    memory: str = "cpu"
    options: Mapping[str, str] = field(default_factory=dict)


# by Qibu's short names; the settings keep float32 what it says, and threads as many as wanted
PROVIDERS: Mapping[str, Provider] = {
    "tensorrt": Provider("TensorrtExecutionProvider", "cuda"),
    "cuda": Provider(
        "CUDAExecutionProvider",
        "cuda",
        # products else have 10 bits behind the point; memory else doubles whenever it grows
        {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"},
    ),
    "migraphx": Provider("MIGraphXExecutionProvider"),
    "rocm": Provider("ROCMExecutionProvider"),
    "directml": Provider("DmlExecutionProvider"),
    "openvino": Provider(
        "OpenVINOExecutionProvider",
        options={
            "device_type": "CPU",
            "num_of_threads": "{threads}",
            # on CPUs that multiply bfloat16, OpenVINO would
            "load_config": '{"CPU": {"INFERENCE_PRECISION_HINT": "f32"}}',
        },
    ),
    "coreml": Provider("CoreMLExecutionProvider"),
    "qnn": Provider("QNNExecutionProvider"),
    "webgpu": Provider("WebGpuExecutionProvider"),
    "xnnpack": Provider("XnnpackExecutionProvider"),
    "cpu": Provider("CPUExecutionProvider"),
}
# "auto" takes the first of these that works; the others trade start-up or accuracy for speed
AUTOMATIC = ("cuda", "rocm", "cpu")


def short_name(full: str) -> str:
    """Give Qibu's name for a provider by onnxruntime's; a name that it doesn't know stays."""
    names = (name for name, provider in PROVIDERS.items() if provider.full == full)
    return next(names, full)


def memory_of(provider: str) -> str:
    """Name the memory in which a provider wants its buffers, as onnxruntime calls it."""
    return PROVIDERS[provider].memory if provider in PROVIDERS else "cpu"


def available_providers() -> list[str]:
    """Name the providers that this onnxruntime was built with, by Qibu's short names."""
    return [short_name(full) for full in ort.get_available_providers()]


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
        short = short_name(provider)
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
    known = PROVIDERS.get(provider, Provider(provider))
    full = known.full
    own = {key: value.replace("{threads}", str(threads)) for key, value in known.options.items()}
    try:
        session = ort.InferenceSession(os.fspath(path), options, providers=[(full, own)])
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


def document_of(session: ort.InferenceSession, key: str) -> str | None:
    """Give the text that stands under a key of a file's metadata; None: there is none.

    Raises:
        ModelFileError: the metadata isn't text.
    """
    try:
        document: str | None = session.get_modelmeta().custom_metadata_map.get(key)
    except UnicodeDecodeError as error:
        raise ModelFileError(f"its metadata isn't UTF-8: {error}") from error
    return document


def run_session(
    session: ort.InferenceSession, names: Sequence[str], feeds: Mapping[str, Array]
) -> list[Array]:
    """Run a graph.

    Raises:
        RunError: the graph refuses its inputs, or fails on them.
    """
    try:
        results: list[Array] = session.run(names, feeds)
    except Exception as error:  # onnxruntime's exceptions share no public base class
        raise refused(feeds, error) from error
    return results


def refused(feeds: Mapping[str, Array], error: Exception) -> RunError:
    """Give the error that says what a graph was fed when it failed."""
    message = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    fed = ", ".join(f"{name} {list(array.shape)} {array.dtype}" for name, array in feeds.items())
    return RunError(f"the graph refuses its inputs ({fed}): {message[:300]}")
