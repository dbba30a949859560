"""Long runs, pauses and many threads: no memory, no CPU and no state goes astray."""

import gc
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

import qibu
from qibu.arrays import Float32Array
from qibu.random import uniform_numbers

STEPS = 100_000
# a page here and there; 20 bytes lost at each step, the least that an object has, would be 2 MB
NOISE_BYTES = 1_000_000
THREADS = 16


def resident_bytes() -> int:
    """Give the memory that the process holds now, and not at its peak, which hides what is lost."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


def growth(run: Callable[[int], None], times: int) -> int:
    """Give the bytes that a run adds after a tenth of it as warm-up."""
    run(times // 10)
    before = resident_bytes()
    run(times)
    return resident_bytes() - before


@needs_proc
def test_a_hundred_thousand_streamed_rows_take_no_memory() -> None:
    stepper = qibu.load("digits").stepper
    stream = qibu.Stream(stepper, stepper.initial_state())
    row = np.random.default_rng(0).random((1, 1, 28), np.float32)

    def run(steps: int) -> None:
        for _ in range(steps):
            stream.put("rows", row)
            stream.step()

    assert growth(run, STEPS) < NOISE_BYTES
    assert np.isfinite(stream.fetch("probabilities")).all()


@needs_proc
def test_a_hundred_thousand_steps_take_no_memory(digits_file: Path) -> None:
    stepper = qibu.Stepper(digits_file)
    row = np.random.default_rng(0).random((1, 1, 28), np.float32)

    def run(steps: int) -> None:
        state = stepper.initial_state()
        for _ in range(steps):
            _, state = stepper.step({"rows": row}, state)

    assert growth(run, STEPS) < NOISE_BYTES


@needs_proc
def test_beginning_a_poem_again_and_again_takes_no_memory(poem_file: Path) -> None:
    poet = qibu.load(poem_file)
    assert isinstance(poet, qibu.Poet)

    def run(poems: int) -> None:
        for seed in range(poems):
            next(poet.stream(seed=seed))  # and the rest is never asked for

    assert growth(run, 5_000) < NOISE_BYTES


def test_between_steps_no_thread_works() -> None:
    # onnxruntime's own threads spin on after a step unless told not to: 0.7 s of these 20 pauses
    stepper = qibu.Stepper(qibu.bundled_models()["poem"], threads=2)
    state = stepper.initial_state(64)
    tokens = np.full((64, 1), 100)
    idle_seconds = 0.0
    for _ in range(20):
        _, state = stepper.step({"tokens": tokens}, state)
        started = time.process_time()
        time.sleep(0.05)
        idle_seconds += time.process_time() - started
    assert idle_seconds < 0.1


def _write(poet: qibu.Poet, seed: int) -> tuple[str, Float32Array]:
    """Write a poem, and step by hand what the same seed gives: its text and all its logits."""
    stepper, numbers = poet.stepper, uniform_numbers(seed)
    state, logits = stepper.initial_state(), []
    tokens = np.array([[100 + seed]])
    for _ in range(30):
        outputs, state = stepper.step(
            {"tokens": tokens, "top_k": [64], "uniform": [next(numbers)]}, state
        )
        tokens = outputs["token"][None]
        logits.append(outputs["logits"])
    return poet.compose(seed=seed).text, np.stack(logits)


def test_sixteen_threads_share_a_model_and_write_what_each_writes_alone() -> None:
    poet = qibu.load("poem")
    together = Barrier(THREADS)

    def write(seed: int) -> tuple[str, Float32Array]:
        together.wait()
        return _write(poet, seed)

    alone = [_write(poet, seed) for seed in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(write, range(THREADS)))
    assert [text for text, _ in found] == [text for text, _ in alone]
    assert len({text for text, _ in found}) == THREADS
    for (_, logits), (_, wanted) in zip(found, alone, strict=True):
        assert np.array_equal(logits, wanted)


def test_sixteen_threads_share_a_model_and_read_what_each_reads_alone() -> None:
    reader = qibu.load("digits")
    pictures = np.random.default_rng(0).random((THREADS, 28, 28), np.float32)
    together = Barrier(THREADS)

    def read(picture: Float32Array) -> Float32Array:
        together.wait()
        return np.stack([p for _ in range(5) for p in reader.rows(picture)])

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(read, pictures))
    for rows, picture in zip(found, pictures, strict=True):
        assert np.array_equal(rows, np.concatenate([list(reader.rows(picture))] * 5))
