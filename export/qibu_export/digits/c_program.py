"""What comes with the step of a network that reads pictures: a program that reads their rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from qibu.core.stepper import Stepper
from qibu.pictures.picture_format import MNIST
from qibu.pictures.reader import Reader
from qibu.quality.trace import make_trace
from qibu.quality.trace_format import Trace

from ..targets.c.c_files import defines, status_values
from ..targets.c.c_step import CStep
from ..targets.c.names import in_comment, quoted
from ..targets.c.program import CProgram

STATUSES: Mapping[str, str] = {"QIBU_BAD_INK": "picture must have ink 0..1"}
LABELS = """/* What each probability is of. */
extern const char *const qibu_labels[QIBU_CLASSES];
"""


def program(stepper: Stepper) -> CProgram:
    """Give the program of a file."""
    reader = Reader(stepper)
    pictures = reader.pictures

    def values(step: CStep) -> Mapping[str, str]:
        labels = ", ".join(map(quoted, pictures.labels))
        return {
            **status_values(STATUSES),
            "SIZES": defines(
                CELL=quoted(stepper.part.cell),
                ROWS=pictures.height,
                ROW_SIZE=pictures.width,
                CLASSES=len(pictures.labels),
                DIGITS="QIBU_CLASSES /* as older programs call it */",
            ),
            "DATA": LABELS,
            "DEFINITIONS": f"\nconst char *const qibu_labels[QIBU_CLASSES] = {{{labels}}};\n",
            "PARAMETERS": "const float row[QIBU_ROW_SIZE], float probabilities[QIBU_CLASSES]",
            "PORTS": f"   row: {in_comment(pictures.words)}\n",
            "CHECKS": "    const float *rows = row;\n"
            "    for (int i = 0; i < QIBU_ROW_SIZE; i++)\n"
            "        if (!(row[i] >= 0.0f && row[i] <= 1.0f)) /* NaN too */\n"
            "            return QIBU_BAD_INK;\n",
            "ROWS": str(pictures.height),
            "ROW_SIZE": str(pictures.width),
            "CLASSES": str(len(pictures.labels)),
        }

    of_digits = pictures.labels == MNIST.labels
    what = "handwritten digits" if of_digits else f"pictures of {len(pictures.labels)} classes"
    return CProgram(
        name="digits",
        what=f"a network ({stepper.part.cell}) that reads {what}",
        templates=Path(__file__).parent / "c",
        trace=lambda step: words(make_trace(reader, step.source)),
        values=values,
    )


def words(trace: Trace) -> Iterator[str]:
    """Give a golden trace as the bare numbers that `check.c` reads, a line at a time."""
    limits = trace["tolerances"]
    yield f"{limits['probabilities']} {limits['states']} {trace['ink']}"
    yield str(len(trace["sequences"]))
    for sequence in trace["sequences"]:
        yield str(len(sequence["rows"]))
        for row, probabilities in zip(sequence["rows"], sequence["probabilities"], strict=True):
            yield " ".join(map(str, [*(int(pixel, 16) for pixel in row), *probabilities]))
        for state in sequence["states"].values():
            yield " ".join(map(str, [state["every"], *state["values"]]))
