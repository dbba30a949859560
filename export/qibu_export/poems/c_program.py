"""What comes with a poem network's step in C: the rules of verse, a program that keeps them."""

from collections.abc import Mapping
from pathlib import Path

from qibu.core.stepper import Stepper
from qibu.quality.trace import make_trace
from qibu.verse.poet import Poet
from qibu.verse.prompt import POEM
from qibu.verse.request import REPETITION

from ..targets.c.c_step import CStep
from ..targets.c.program import CProgram
from ..text import c_writing
from .c_tables import Verse

STATUSES: Mapping[str, str] = {
    "QIBU_BAD_START": "start must fit into the first line; give its first line at most",
    "QIBU_BAD_REPETITION": "repetition must be 0 or above",
}


def program(stepper: Stepper) -> CProgram:
    """Give the program of a file."""

    def values(_: CStep) -> Mapping[str, str]:
        vocabulary = stepper.part.vocabulary
        verse = Verse(vocabulary)
        sizes = {
            "POEM": f"{vocabulary.id(POEM)} /* stands before a poem's first character */",
            **verse.sizes,
            "REPETITION": f"{REPETITION}f",
        }
        return {
            **c_writing.values(stepper, "poem", sizes, STATUSES),
            "VERSE": verse.source(),
        }

    return CProgram(
        name="poem",
        what=f"a network ({stepper.part.network.cell}) that writes poems",
        templates=Path(__file__).parent / "c",
        trace=lambda step: c_writing.words(make_trace(Poet(stepper), step.source)),
        values=values,
        outputs=c_writing.OUTPUTS,
        shared=c_writing.FILES,
        finish=c_writing.FINISH,
    )
