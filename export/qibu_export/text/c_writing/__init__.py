"""What programs in C that write have in common: the files of this folder, and what fills them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from qibu.core.stepper import Stepper
from qibu.quality.trace_format import Trace
from qibu.text.sampling import Sampling

from ...targets.c.c_files import defines, status_values
from ...targets.c.names import quoted

FILES = sorted(Path(__file__).parent.glob("*.[ch]"))
# the sampler's sizes hang on `top_k`: it is C of its own
OUTPUTS = frozenset({"logits"})
CHECKS = """    if (token < 0 || token >= QIBU_VOCABULARY_SIZE)
        return QIBU_BAD_TOKEN;
    const int64_t tokens[1][1] = {{token}};
"""
# what a compiled step does once it has logits: the part of the graph that C has of its own
FINISH = """
#include "sampler.c"

qibu_status finish(void)
{
    static qibu_workspace workspace;
    const qibu_sampling sampling = {temperature[0], (int32_t)top_k[0], top_p[0]};
    int32_t drawn = 0;
    const qibu_status status =
        qibu_draw(logits[0], bias[0], sampling, uniform[0], &workspace, &drawn);
    token[0] = drawn;
    return status;
}
"""


def values(
    stepper: Stepper, name: str, sizes: Mapping[str, object], statuses: Mapping[str, str]
) -> dict[str, str]:
    """Give what fills the templates of every program that writes.

    Args:
        stepper: of the file.
        name: of the program.
        sizes: constants of the header that are the program's own.
        statuses: what it alone may say.
    """
    vocabulary, default = stepper.part.vocabulary, Sampling()
    size = len(vocabulary)
    return {
        **status_values({**_statuses(size), **statuses}),
        "SIZES": defines(
            CELL=quoted(stepper.part.network.cell),
            VOCABULARY_SIZE=size,
            CONTROLS=f"{len(vocabulary.controls)} /* the tokens before the characters */",
            **sizes,
            TEMPERATURE=f"{default.temperature}f /* what Python draws with */",
            TOP_K=default.feeds(size)["top_k"][0],
            TOP_P=f"{default.top_p}f",
        ),
        "PARAMETERS": "int32_t token, float logits[QIBU_VOCABULARY_SIZE]",
        "CHECKS": CHECKS,
        "USE": f"`./{name} --help` tells its options; they mean what `qibu {name}`'s do",
    }


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


def words(trace: Trace) -> Iterator[str]:
    """Give a golden trace as the bare numbers that `check.c` reads, a line at a time."""
    limits, names = trace["tolerances"], list(trace["classes"])
    yield f"{limits['logits']} {limits['states']}"
    yield str(len(names))
    for ranges in trace["classes"].values():
        yield _numbers(len(ranges), *(end for pair in ranges for end in pair))
    yield str(len(trace["sequences"]))
    for sequence in trace["sequences"]:
        sampling = sequence["sampling"]
        yield _numbers(sampling["temperature"], sampling["top_k"], sampling["top_p"])
        yield str(len(sequence["steps"]))
        for step in sequence["steps"]:
            pairs = zip(step["top"]["tokens"], step["top"]["logits"], strict=True)
            top = [number for pair in pairs for number in pair]
            read = [len(step["tokens"]), *step["tokens"]]
            allowed = names.index(step["class"])
            yield _numbers(*read, allowed, step["uniform"], step["token"], *top)
        for state in sequence["states"].values():
            yield _numbers(state["every"], *state["values"])


def _numbers(*values: object) -> str:
    return " ".join(map(str, values))


def batched(items: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """Give the items in rows of a size."""
    rest = iter(items)
    while row := tuple(islice(rest, size)):
        yield row
