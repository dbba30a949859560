"""The files around a generated graph: templates from the folder `c`, filled by what a spec says."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

import qibu
from qibu.core.model_file import ModelSpec
from qibu.core.port import StatePair
from qibu.quality.trace_format import Trace
from qibu.text.sampling import Sampling
from qibu.text.vocabulary import Vocabulary
from qibu.verse.prompt import POEM
from qibu.verse.request import REPETITION

from ...poems.c_tables import Verse, quoted

FOLDER = Path(__file__).parent / "template"

STATUSES: Mapping[str, str] = {  # what every model's step may say; in Python's words where it can
    "QIBU_SAME_STATE": "a step can't write the state that it reads",
    "QIBU_NO_WEIGHTS": "no weights: qibu_load must read the model's graph.bin first",
    "QIBU_OTHER_WEIGHTS": "the weights file is damaged or another model's",
}
DIGIT_STATUSES: Mapping[str, str] = {"QIBU_BAD_INK": "picture must have ink 0..1"}

NOTHING_TO_LOAD = """qibu_status qibu_load(const char *path)
{
    (void)path;
    return QIBU_OK;
}
"""
LABELS = """/* What each probability is of. */
extern const char *const qibu_labels[QIBU_DIGITS];
"""


def text_statuses(size: int) -> Mapping[str, str]:
    """Give what a text model's step and sampler may say."""
    return {
        "QIBU_BAD_TOKEN": f"input 'tokens' must be 0..{size - 1}",
        "QIBU_BAD_TEMPERATURE": "input 'temperature' must be above 0",
        "QIBU_BAD_TOP_K": f"input 'top_k' must be 1..{size}",
        "QIBU_BAD_TOP_P": "input 'top_p' must be above 0 and at most 1",
        "QIBU_BAD_UNIFORM": "input 'uniform' must be in [0, 1)",
        "QIBU_BAD_BIAS": "input 'bias' must allow a token in every row, and be below infinity",
        "QIBU_BAD_START": "start must fit into the first line; give its first line at most",
        "QIBU_BAD_REPETITION": "repetition must be 0 or above",
        "QIBU_BAD_LOGITS": "logits must be finite: the state isn't",
    }


@dataclass(frozen=True)
class Contents:
    """What a folder of C says of its model.

    Attributes:
        spec: of the model.
        step: its graph, every size known.
        weights: what lies in `graph.bin`; None where the weights are arrays.
        working_bytes: what a step has on the stack for the values that its nodes hand on.
    """

    spec: ModelSpec
    step: onnx.ModelProto
    weights: bytes | None
    working_bytes: int

    @property
    def program(self) -> str:
        """Name the program that comes with the step."""
        return "poem" if self.spec.vocabulary else "digits"

    @property
    def weight_bytes(self) -> int:
        """How many bytes the constants have."""
        return sum(numpy_helper.to_array(c).nbytes for c in self.step.graph.initializer)

    @property
    def state_bytes(self) -> int:
        """How many bytes one state has; a step has two at hand."""
        return sum(4 * int(np.prod(pair.shape_for(1))) for pair in self.spec.states)

    def files(self, source: str) -> dict[str, str]:
        """Give the texts by file name; `source` says what they were made of."""
        values = {
            "VERSION": qibu.__version__,
            "MADE_OF": source,
            "NAME": self.program,
            "CELL": self.spec.cell,
            "QUANTIZATION": self.spec.quantization or "float32",
            "SHA256": self.spec.weights_sha256,
            "PURPOSE": "writes poems" if self.spec.vocabulary else "reads handwritten digits",
            "WEIGHTS": f"{self.weight_bytes:,}",
            "STATE": f"{self.state_bytes:,}",
            "WORKING": f"{self.working_bytes:,}",
            **_state_values(self.spec.states),
            **_graph_values(self.step.graph),
            **(_text_values(self.spec.vocabulary) if self.spec.vocabulary else _digit_values()),
            **self._load(),
        }
        names = {f"{self.program}.c": f"{self.program}.c", f"check_{self.program}.c": "check.c"}
        names |= {name: name for name in ("qibu.h", "qibu.c", "Makefile", "README.md")}
        if self.spec.vocabulary:
            texts = ("sampler.h", "sampler.c", "verse.h", "verse.c", "verse_data.c")
            names |= {name: name for name in texts}
        return {
            made: _fill((FOLDER / name).read_text("utf-8"), values) for name, made in names.items()
        }

    def _load(self) -> dict[str, str]:
        if self.weights is None:
            return {"LOAD": f"\n{NOTHING_TO_LOAD}", "WANT_LOADED": "", "INCLUDES": ""}
        code = (FOLDER / "load.c").read_text("utf-8")
        wanted = "    if (!loaded)\n        return QIBU_NO_WEIGHTS;\n"
        return {
            "LOAD": code.replace("@SUM@", f"0x{zlib.adler32(self.weights):08X}"),
            "WANT_LOADED": wanted,
            "INCLUDES": "\n#include <stdio.h>\n\n",
        }


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _sizes(value: onnx.ValueInfoProto) -> list[int]:
    return [size.dim_value for size in value.type.tensor_type.shape.dim]


def _field(pair: StatePair) -> str:
    return pair.input.removesuffix("_in")


def _state_values(pairs: Sequence[StatePair]) -> dict[str, str]:
    fields, initial, checks = [], [], []
    for pair in pairs:
        name, shape = _field(pair), pair.shape_for(1)
        fields.append(f"    float {name}{''.join(f'[{size}]' for size in shape)};")
        first, count = f"{name}{'[0]' * len(shape)}", int(np.prod(shape))
        initial.append(
            f"    for (int i = 0; i < {count}; i++)\n"
            f"        (&state->{first})[i] = {float(pair.initial)!r}f;"
        )
        checks.append(f"        note_state(&last->{first}, {count});")
    return {
        "FIELDS": "\n".join(fields),
        "INITIAL": "\n".join(initial),
        "STATES": "\n".join(checks),
    }


def _graph_values(graph: onnx.GraphProto) -> dict[str, str]:
    """Give how the generated function is declared and called: inputs first, then outputs."""
    parameters, arguments = [], []
    for kind, values in (("const ", graph.input), ("", graph.output)):
        for value in values:
            dtype = helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
            c_type = "float" if dtype == np.float32 else f"{dtype}_t"
            first, *rest = (f"[{size}]" for size in _sizes(value))
            parameters.append(f"{kind}{c_type} {value.name}{first}{''.join(rest)}")
            state = value.name.removesuffix("_in") if kind else value.name.removesuffix("_out")
            if state != value.name:
                arguments.append(f"{'before' if kind else 'after'}->{state}")
            elif value.name == "tokens":
                arguments.append("tokens")
            else:
                name = value.name.removesuffix("s") if kind else value.name  # rows: here one row
                arguments.append(f"({kind}{c_type}(*){''.join(rest)}){name}")
    return {"PARAMETERS": ", ".join(parameters), "ARGUMENTS": ", ".join(arguments)}


def _statuses(statuses: Mapping[str, str]) -> dict[str, str]:
    every = {**STATUSES, **statuses}
    return {
        "STATUSES": "\n".join(f"    {name}," for name in every),
        "MESSAGES": "\n".join(f"        {quoted(text)}," for text in every.values()),
    }


def _defines(**values: object) -> str:
    return "\n".join(f"#define QIBU_{name} {value}" for name, value in values.items())


def _digit_values() -> dict[str, str]:
    labels = ", ".join(quoted(str(digit)) for digit in range(10))
    return {
        **_statuses(DIGIT_STATUSES),
        "SIZES": _defines(ROW_SIZE=28, DIGITS=10),
        "DATA": LABELS,
        "DEFINITIONS": f"\nconst char *const qibu_labels[QIBU_DIGITS] = {{{labels}}};\n",
        "INPUT": "const float row[QIBU_ROW_SIZE]",
        "OUTPUT": "float probabilities[QIBU_DIGITS]",
        "CHECKS": "    for (int i = 0; i < QIBU_ROW_SIZE; i++)\n"
        "        if (!(row[i] >= 0.0f && row[i] <= 1.0f)) /* NaN too */\n"
        "            return QIBU_BAD_INK;",
        "SOURCES": "graph.c graph_data.c",
    }


def _text_values(vocabulary: Vocabulary) -> dict[str, str]:
    size, default, verse = len(vocabulary), Sampling(), Verse(vocabulary)
    return {
        **_statuses(text_statuses(size)),
        "SIZES": _defines(
            VOCABULARY_SIZE=size,
            CONTROLS=f"{len(vocabulary.controls)} /* the tokens before the characters */",
            POEM=f"{vocabulary.id(POEM)} /* stands before a poem's first character */",
            **verse.sizes,
            TEMPERATURE=f"{default.temperature}f /* what Python draws with */",
            TOP_K=default.feeds(size)["top_k"][0],
            TOP_P=f"{default.top_p}f",
            REPETITION=f"{REPETITION}f",
        ),
        "DATA": "",
        "DEFINITIONS": "",
        "VERSE": verse.source(),
        "INPUT": "int32_t token",
        "OUTPUT": "float logits[QIBU_VOCABULARY_SIZE]",
        "CHECKS": "    if (token < 0 || token >= QIBU_VOCABULARY_SIZE)\n"
        "        return QIBU_BAD_TOKEN;\n"
        "    const int64_t tokens[1][1] = {{token}};",
        "SOURCES": "sampler.c verse.c verse_data.c graph.c graph_data.c",
    }


def words(trace: Trace) -> str:
    """Give a golden trace as the bare numbers that `check.c` reads, in its order."""
    return "".join(f"{line}\n" for line in _lines(trace))


def _lines(trace: Trace) -> Iterator[str]:
    limits = trace["tolerances"]
    if trace["task"] == "digits":
        yield f"{limits['probabilities']} {limits['states']} {trace['ink']}"
    else:
        yield f"{limits['logits']} {limits['states']}"
        yield str(len(trace["classes"]))
        for ranges in trace["classes"].values():
            yield _numbers([len(ranges), *(end for pair in ranges for end in pair)])
    yield str(len(trace["sequences"]))
    for sequence in trace["sequences"]:
        yield from _steps(trace, sequence)
        for state in sequence["states"].values():
            yield _numbers([state["every"], *state["values"]])


def _steps(trace: Trace, sequence: Trace) -> Iterator[str]:
    if trace["task"] == "digits":
        yield str(len(sequence["rows"]))
        for row, probabilities in zip(sequence["rows"], sequence["probabilities"], strict=True):
            yield _numbers([*(int(pixel, 16) for pixel in row), *probabilities])
        return
    sampling, names = sequence["sampling"], list(trace["classes"])
    yield _numbers([sampling["temperature"], sampling["top_k"], sampling["top_p"]])
    yield str(len(sequence["steps"]))
    for step in sequence["steps"]:
        pairs = zip(step["top"]["tokens"], step["top"]["logits"], strict=True)
        top = [number for pair in pairs for number in pair]
        read = [len(step["tokens"]), *step["tokens"]]
        yield _numbers([*read, names.index(step["class"]), step["uniform"], step["token"], *top])


def _numbers(values: Sequence[Any]) -> str:
    return " ".join(map(str, values))
