"""What comes with a text network's step in C: stops, allowed characters, a program that writes."""

from collections.abc import Mapping
from pathlib import Path

from qibu.core.stepper import Stepper
from qibu.quality.trace import make_trace
from qibu.text.vocabulary import END, START, Vocabulary
from qibu.text.writer import LENGTH, Writer

from ..targets.c.c_step import CStep
from ..targets.c.program import CProgram
from . import c_writing

NONE = -1  # a token that the vocabulary hasn't
STATUSES: Mapping[str, str] = {
    "QIBU_BAD_STOP": "stop is empty: leave it, or give the text to stop before",
    "QIBU_NOTHING_LEFT": "no character is left to draw",
}


def program(stepper: Stepper) -> CProgram:
    """Give the program of a file."""

    def values(_: CStep) -> Mapping[str, str]:
        part = stepper.part
        sizes = {
            "CHARACTERS": len(part.vocabulary.characters),
            "BYTES": f"{int(part.unit == 'byte')} /* 1: a token is a byte of UTF-8 */",
            "START": f"({_token(part.vocabulary, START)}) /* before a text; -1: nothing is */",
            "END": f"({_token(part.vocabulary, END)}) /* after it */",
            "LENGTH": f"{LENGTH} /* characters, unless told otherwise */",
        }
        return {
            **c_writing.values(stepper, "text", sizes, STATUSES),
            "CODES": _codes(part.vocabulary.characters),
        }

    return CProgram(
        name="text",
        what=f"a network ({stepper.part.network.cell}) that writes text",
        templates=Path(__file__).parent / "c",
        trace=lambda step: c_writing.words(make_trace(Writer(stepper), step.source)),
        values=values,
        outputs=c_writing.OUTPUTS,
        shared=c_writing.FILES,
        finish=c_writing.FINISH,
    )


def _token(vocabulary: Vocabulary, name: str) -> int:
    return vocabulary.id(name) if name in vocabulary else NONE


def _codes(characters: str) -> str:
    rows = c_writing.batched((str(ord(character)) for character in characters), 16)
    return "\n".join(f"    {', '.join(row)}," for row in rows)
