"""How long does a row of a digit take, and a whole picture?

The bundled model on one thread: `DigitReader.rows`, which checks the picture, steps 28 times and
gives probabilities after each row; `DigitReader.read`; and as the floor `run_with_iobinding` alone,
of one row again and again.
"""

import numpy as np

import qibu
from peers_onnx import bound_runs
from qibu.bundled import model_path
from report import report
from timing import interleave, of_call

ROWS, ROUNDS = 28, 60
OURS, PICTURE, BARE = "Qibu, a row", "Qibu, a picture", "bare run_with_iobinding, a row"


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
            BARE: of_call(bound_runs(model_path("digits"), ROWS), ROWS),
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
