"""The same files stepped by onnxruntime without Qibu."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort

from sampling import Floats

Draw = Callable[[Floats, Floats, np.random.Generator], int]


def open_plainly(path: Path) -> ort.InferenceSession:
    """Open a session as most do, but on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def first_feeds(session: ort.InferenceSession) -> dict[str, np.ndarray]:
    """Give a token and states of zeros."""
    feeds = {}
    for port in session.get_inputs():
        sizes = [size if isinstance(size, int) else 1 for size in port.shape]
        dtype = np.int64 if port.type == "tensor(int64)" else np.float32
        feeds[port.name] = np.zeros(sizes, dtype)
    return feeds


def bare_run(path: Path) -> Callable[[], object]:
    """Give `session.run` of one token again and again, and nothing else."""
    session = open_plainly(path)
    feeds = first_feeds(session)
    return lambda: session.run(None, feeds)


def bound_runs(path: Path, count: int) -> Callable[[], None]:
    """Give so many runs of a session whose inputs and outputs are bound once."""
    session = open_plainly(path)
    binding, kept = session.io_binding(), []
    feeds = first_feeds(session)
    for name, array in feeds.items():
        kept.append(ort.OrtValue.ortvalue_from_numpy(array))
        binding.bind_ortvalue_input(name, kept[-1])
    for port, array in zip(session.get_outputs(), session.run(None, feeds), strict=True):
        kept.append(ort.OrtValue.ortvalue_from_numpy(array))
        binding.bind_ortvalue_output(port.name, kept[-1])

    def run() -> None:
        for _ in range(count):
            session.run_with_iobinding(binding)
        assert kept  # the memory that is bound

    return run


def write_usually(
    session: ort.InferenceSession, draw: Draw, prompt: list[int], bias: Floats, names: str
) -> Iterator[str]:
    """Write with dictionaries in, lists out, and numpy's sampling."""
    chance = np.random.default_rng()
    feeds = first_feeds(session)
    token = prompt
    while True:
        feeds["tokens"] = np.array([token])
        logits, *states = session.run(None, feeds)
        for name, state in zip(list(feeds)[1:], states, strict=True):
            feeds[name] = state
        token = [draw(logits[0], bias[0], chance)]
        yield names[token[0]]
