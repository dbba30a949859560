"""How does the time of a step grow with the hidden size, and is a GRU quicker than an LSTM?

Networks of two layers with random weights and the bundled vocabulary, int8, stepped at batch 1 on
one thread by a `TokenStream`, sampler included.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

import qibu
from qibu.bundled import model_path
from qibu.text.token_stream import TokenStream
from qibu.text.vocabulary import Vocabulary
from qibu_train.text.network import TextNetwork
from report import report
from timing import interleave, of_call
from weights import spec_of, write_model

CELLS, SIZES, LAYERS, STEPS, ROUNDS = ("rnn", "gru", "lstm"), (128, 256, 512, 1024), 2, 20, 30


def write(path: Path) -> Callable[[], None]:
    """Give what steps a model file some times, each with the character drawn before."""
    stepper = qibu.Stepper(path)
    steps = TokenStream(stepper, stepper.initial_state(), qibu.Sampling())
    uniform, tokens = np.full(1, 0.5, np.float32), np.full((1, 1), 100)

    def go_on() -> None:
        for _ in range(STEPS):
            tokens[:, 0] = steps.step(tokens, uniform)

    return go_on


def main() -> None:
    torch.manual_seed(0)
    vocabulary = Vocabulary.from_json(spec_of(model_path("poem")).part["vocabulary"])
    calls = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            for cell in CELLS:
                network = TextNetwork(cell, len(vocabulary), size, LAYERS).eval()
                path = Path(folder) / f"{cell}{size}.onnx"
                calls[f"{cell} {size}"] = write(write_model(network, vocabulary, "int8", path))
        times = interleave({name: of_call(call, STEPS) for name, call in calls.items()}, ROUNDS)
    rows = []
    for size in SIZES:
        cells = [f"{times.median(f'{cell} {size}'):.0f}" for cell in CELLS]
        rows.append((str(size), *cells, f"{times.ratio(f'gru {size}', f'lstm {size}'):.2f}"))
    report(
        __file__,
        ("hidden size", *(f"{cell.upper()} µs" for cell in CELLS), "GRU ÷ LSTM"),
        rows,
        settings={
            "threads": 1,
            "batch": 1,
            "layers": LAYERS,
            "vocabulary": len(vocabulary),
            "rounds": ROUNDS,
        },
        figures={
            f"GRU ÷ LSTM, hidden {size}": times.ratio(f"gru {size}", f"lstm {size}")
            for size in SIZES
        },
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
