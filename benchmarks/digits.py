"""How long does a row of a digit take, and a whole picture?

The bundled model on one thread: `DigitReader.rows`, which checks the picture, steps 28 times and
gives probabilities after each row; `DigitReader.read`; and as the floor `run_with_iobinding` alone,
of one row again and again.
"""

from collections.abc import Callable

import numpy as np
import onnxruntime as ort

import qibu
from peers_onnx import first_feeds, open_plainly
from qibu.bundled import model_path
from report import report
from timing import interleave, of_call

ROWS, ROUNDS = 28, 60
OURS, PICTURE, BARE = "Qibu, a row", "Qibu, a picture", "bare run_with_iobinding, a row"


def bare_binding() -> Callable[[], None]:
    """Give 28 runs of a session whose inputs and outputs are bound once."""
    session = open_plainly(model_path("digits"))
    binding, kept = session.io_binding(), []
    feeds = first_feeds(session)
    for name, array in feeds.items():
        kept.append(ort.OrtValue.ortvalue_from_numpy(array))
        binding.bind_ortvalue_input(name, kept[-1])
    for port, array in zip(session.get_outputs(), session.run(None, feeds), strict=True):
        kept.append(ort.OrtValue.ortvalue_from_numpy(array))
        binding.bind_ortvalue_output(port.name, kept[-1])

    def run() -> None:
        for _ in range(ROWS):
            session.run_with_iobinding(binding)
        assert kept  # the memory that is bound

    return run


def main() -> None:
    reader = qibu.load("digits")
    picture = np.random.default_rng(0).random((ROWS, 28), np.float32)

    def rows() -> None:
        for _ in reader.rows(picture):
            pass

    times = interleave(
        {
            OURS: of_call(rows, ROWS),
            PICTURE: of_call(lambda: reader.read(picture)),
            BARE: of_call(bare_binding(), ROWS),
        },
        ROUNDS,
    )
    table = [times.row(name, BARE) for name in times.microseconds]
    report(
        __file__,
        ("what", "median µs", "quartiles", "÷ bare row"),
        table,
        settings={"threads": 1, "batch": 1, "model": "digits, int8", "rounds": ROUNDS},
        figures={"a row ÷ bare run_with_iobinding": times.ratio(OURS, BARE)},
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
