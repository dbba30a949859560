"""How long does one character of an own text take, everything included, beside the bare step?

A network of 2 × 256 over 96 characters, int8, random weights, batch 1, one thread, one process.
"Qibu" is `Writer.stream`, from one character of text to the next: mask, sampler, random number, the
text. The bare step is the same file without its sampler, its inputs and outputs bound once, run
again and again on the same token. The median over the rounds; in each everybody has a turn.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

import qibu
from peers_onnx import bound_runs
from qibu.text.vocabulary import START, UNKNOWN, Vocabulary
from qibu_train.text.network import TextNetwork
from report import Row, report
from timing import Contestant, interleave, of_call, of_poem
from weights import without_sampler, write_model

HIDDEN_SIZE, NUM_LAYERS, CHARACTERS, ROUNDS = 256, 2, 300, 40
CELLS = ("lstm", "gru")
ALPHABET = "".join(map(chr, range(32, 127))) + "\n"
OURS, BARE = "Qibu, everything included", "bare step"
WHOLE = "one token again and again, sampler included"


def contestants(cell: str, folder: Path) -> dict[str, Contestant]:
    """Make everybody ready for one cell."""
    torch.manual_seed(0)
    # no token ends a text, so that all are long enough
    vocabulary = Vocabulary((UNKNOWN, START), ALPHABET, ALPHABET)
    network = TextNetwork(cell, len(vocabulary), HIDDEN_SIZE, NUM_LAYERS).eval()
    file = write_model(network, vocabulary, "int8", folder / f"{cell}.onnx")
    writer = qibu.load(file)
    assert isinstance(writer, qibu.Writer)

    def begin() -> Iterator[str]:
        return writer.stream(seed=7, length=CHARACTERS + 1)

    def run() -> None:
        for _ in range(CHARACTERS):
            steps.step(token, chance)

    steps = writer.steps(1, qibu.Sampling())
    token, chance = np.array([[5]]), np.array([0.5], np.float32)
    cut = without_sampler(file, folder / f"{cell}-cut.onnx")
    return {
        f"{cell.upper()}: {OURS}": of_poem(begin, CHARACTERS),
        f"{cell.upper()}: {WHOLE}": of_call(run, CHARACTERS),
        f"{cell.upper()}: {BARE}": of_call(bound_runs(cut, CHARACTERS), CHARACTERS),
    }


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        everybody = [contestants(cell, Path(folder)) for cell in CELLS]
        times = interleave({k: v for one in everybody for k, v in one.items()}, ROUNDS)
    rows: list[Row] = []
    for cell in map(str.upper, CELLS):
        rows += [times.row(f"{cell}: {name}", f"{cell}: {BARE}") for name in (BARE, WHOLE, OURS)]
    report(
        __file__,
        ("2 × 256, int8", "median µs", "quartiles", "÷ bare step"),
        rows,
        settings={"threads": 1, "batch": 1, "rounds": ROUNDS, "characters a text": CHARACTERS},
        figures={
            f"{cell}: everything ÷ bare step": times.ratio(f"{cell}: {OURS}", f"{cell}: {BARE}")
            for cell in map(str.upper, CELLS)
        },
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
