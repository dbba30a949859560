"""What comes with a text network's step in C: the sampler, UTF-8, a program that writes."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from qibu.core.stepper import Stepper
from qibu.quality.trace import make_trace
from qibu.text.sampling import Sampling
from qibu.text.vocabulary import END, START, Vocabulary
from qibu.text.writer import LENGTH, Writer

from ..poems.c_program import CHECKS, FINISH, words
from ..targets.c.c_files import defines, status_values
from ..targets.c.c_step import CStep
from ..targets.c.names import quoted
from ..targets.c.program import CProgram

# the sampler and the check of a trace are those of the program that writes poems
SHARED = Path(__file__).parents[1] / "poems" / "c"
NONE = -1  # a token that the vocabulary hasn't


def program(stepper: Stepper) -> CProgram:
    """Give the program of a file."""

    def values(step: CStep) -> Mapping[str, str]:
        part = stepper.part
        size, default = len(part.vocabulary), Sampling()
        return {
            **status_values(_statuses(size)),
            "SIZES": defines(
                CELL=quoted(part.network.cell),
                VOCABULARY_SIZE=size,
                CONTROLS=f"{len(part.vocabulary.controls)} /* the tokens before the characters */",
                CHARACTERS=len(part.vocabulary.characters),
                BYTES=f"{int(part.unit == 'byte')} /* 1: a token is a byte of UTF-8 */",
                START=f"({_token(part.vocabulary, START)}) /* before a text; -1: nothing is */",
                END=f"({_token(part.vocabulary, END)}) /* after it */",
                LENGTH=f"{LENGTH} /* characters, unless told otherwise */",
                TEMPERATURE=f"{default.temperature}f /* what Python draws with */",
                TOP_K=default.feeds(size)["top_k"][0],
                TOP_P=f"{default.top_p}f",
            ),
            "CODES": _rows(str(ord(character)) for character in part.vocabulary.characters),
            "PARAMETERS": "int32_t token, float logits[QIBU_VOCABULARY_SIZE]",
            "CHECKS": CHECKS,
        }

    return CProgram(
        name="text",
        what=f"a network ({stepper.part.network.cell}) that writes text",
        templates=Path(__file__).parent / "c",
        trace=lambda step: words(make_trace(Writer(stepper), step.source)),
        values=values,
        outputs=frozenset({"logits"}),  # the sampler's sizes hang on `top_k`: it is C of its own
        shared=[SHARED / name for name in ("check.c", "sampler.c", "sampler.h")],
        finish=FINISH,
    )


def _statuses(size: int) -> Mapping[str, str]:
    return {
        "QIBU_BAD_TOKEN": f"input 'tokens' must be 0..{size - 1}",
        "QIBU_BAD_TEMPERATURE": "input 'temperature' must be above 0",
        "QIBU_BAD_TOP_K": f"input 'top_k' must be 1..{size}",
        "QIBU_BAD_TOP_P": "input 'top_p' must be above 0 and at most 1",
        "QIBU_BAD_UNIFORM": "input 'uniform' must be in [0, 1)",
        "QIBU_BAD_BIAS": "input 'bias' must allow a token in every row, and be below infinity",
        "QIBU_BAD_LOGITS": "logits must be finite: the state isn't",
    }


def _token(vocabulary: Vocabulary, name: str) -> int:
    return vocabulary.id(name) if name in vocabulary else NONE


def _rows(items: Iterator[str], in_a_row: int = 16) -> str:
    rows = []
    while row := list(islice(items, in_a_row)):
        rows.append(f"    {', '.join(row)},")
    return "\n".join(rows)
