"""Long runs, pauses and many threads: no memory, no CPU and no state goes astray.

`test_endurance.py` runs this in a process of its own.
"""

import gc
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

import qibu
from qibu.core.arrays import Float32Array
from qibu.text.seeded_random import uniform_numbers

STEPS = 100_000
ROUNDS = 5
# a page here and there; the least that an object has, 16 bytes, lost at each of the 20,000 steps
# of a round would be 320 kB
NOISE_BYTES = 200_000
THREADS = 16


def held_bytes() -> int:
    """Give the memory of its own that the process holds now; mapped files come and go."""
    gc.collect()
    status = Path("/proc/self/status").read_text("utf-8")
    kilobytes = re.findall(r"(?:RssAnon|VmSwap):\s+(\d+) kB", status)
    return sum(map(int, kilobytes)) * 1024


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


def growth(run: Callable[[int], None], times: int) -> int:
    """Give the bytes that every round of a run adds, after a warm-up.

    What is lost at a step is lost in every round, so the least of them shows it; a buffer that
    the allocator takes once, or a page that another thread touches, is in one round only.
    """
    run(times // ROUNDS)
    held = [held_bytes()]
    for _ in range(ROUNDS):
        run(times // ROUNDS)
        held.append(held_bytes())
    return min(after - before for before, after in pairwise(held))


@needs_proc
def test_an_object_lost_at_each_step_shows() -> None:
    lost: list[float] = []
    assert growth(lambda steps: lost.extend(map(float, range(steps))), STEPS) > NOISE_BYTES


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
