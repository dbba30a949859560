"""How long does one character take, beside the same network in torch?

    .venv/bin/python benchmarks/step_time.py

The bundled poem model against fresh torch weights of its size, batch 1, one thread, in one
process: rounds of steps taken in turn, so that whatever else the machine does meets them all.
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from torch import nn

import qibu

STEPS, ROUNDS, WARMUP = 40, 15, 3


def main() -> None:
    torch.set_num_threads(1)
    poet = qibu.load("poem")
    stepper = poet.stepper
    assert stepper.spec is not None and stepper.spec.vocabulary is not None
    vocabulary, hidden = len(stepper.spec.vocabulary), stepper.spec.hidden_size
    layers = stepper.spec.num_layers
    tokens = np.array([[5]], np.int64)

    def step() -> None:
        state = stepper.initial_state()
        for _ in range(STEPS):
            _, state = stepper.step({"tokens": tokens}, state)

    feeds = {"tokens": tokens, **stepper.initial_state()}
    for name, port in stepper.inputs.items():
        if name != "tokens":
            shape = [1 if size is None else size for size in port.shape]
            kind = np.int64 if port.type == "tensor(int64)" else np.float32
            feeds[name] = np.full(shape, stepper.spec.defaults[name], kind)

    def bare() -> None:
        for _ in range(STEPS):
            stepper.session.run(None, feeds)

    embedding = nn.Embedding(vocabulary, hidden)
    lstm = nn.LSTM(hidden, hidden, layers, batch_first=True).eval()
    output = nn.Linear(hidden, vocabulary)

    def eager() -> None:
        state, token = None, torch.tensor([[5]])
        with torch.inference_mode():
            for _ in range(STEPS):
                features, state = lstm(embedding(token), state)
                p = output(features[:, -1]).softmax(1)
                torch.multinomial(p, 1)

    contestants: dict[str, Callable[[], None]] = {
        "Stepper.step": step,
        "bare session.run": bare,
        "torch eager nn.LSTM + multinomial": eager,
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for round_number in range(WARMUP + ROUNDS):
        for name, run in contestants.items():
            started = time.perf_counter()
            run()
            if round_number >= WARMUP:
                times[name].append((time.perf_counter() - started) / STEPS * 1e6)
    median = {name: statistics.median(values) for name, values in times.items()}
    print(
        f"{platform.machine()}, 1 thread, python {platform.python_version()}, "
        f"onnxruntime {ort.__version__}, torch {torch.__version__}; "
        f"{layers}x{hidden} LSTM, {vocabulary} tokens"
    )
    print(f"{'':36}{'median µs':>10}{'p95 µs':>10}{'÷ Stepper':>10}")
    for name, values in times.items():
        p95 = float(np.percentile(values, 95))
        print(
            f"{name:36}{median[name]:10.0f}{p95:10.0f}{median[name] / median['Stepper.step']:10.2f}"
        )
    target = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir()) / "step_time.json"
    target.write_text(json.dumps(times))
    print(f"wrote {target}", file=sys.stderr)


if __name__ == "__main__":
    main()
