"""The files around a generated graph: templates, filled by what a step and its program say.

Every program fills PARAMETERS (of `qibu_step`, after the states), STATUSES and MESSAGES (what the
step may say); it may fill CHECKS (of what is given; what the graph calls otherwise than the
parameters is declared there), SIZES, DATA and DEFINITIONS (of the header and its source), PORTS
(words about the parameters), CALL (the step as README shows it), USE (words about the program), and
whatever its own templates ask for.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import numpy_helper

import qibu
from qibu.core.arrays import Array

from .c_step import FORMAT_VERSION, CPort, CStep
from .names import in_comment, quoted
from .program import CProgram

FOLDER = Path(__file__).parent / "template"

STATUSES: Mapping[str, str] = {  # what every model's step may say; in Python's words where it can
    "QIBU_SAME_STATE": "a step can't write the state that it reads",
    "QIBU_NO_WEIGHTS": "no weights: qibu_load must read the model's graph.bin first",
    "QIBU_OTHER_WEIGHTS": "the weights file is damaged or another model's",
}
NOTHING_TO_LOAD = """qibu_status qibu_load(const char *path)
{
    (void)path;
    return QIBU_OK;
}
"""


@dataclass(frozen=True)
class Contents:
    """What a folder of C says of its model.

    Attributes:
        step: one step of fixed sizes.
        program: what comes with it.
        weights: what lies in `graph.bin`; None where the weights are arrays.
        working_bytes: what a step has on the stack for the values that its nodes hand on.
    """

    step: CStep
    program: CProgram
    weights: bytes | None
    working_bytes: int

    @property
    def weight_bytes(self) -> int:
        """How many bytes the constants have."""
        return sum(numpy_helper.to_array(c).nbytes for c in self.step.model.graph.initializer)

    @property
    def state_bytes(self) -> int:
        """How many bytes one state has; a step has two at hand."""
        return sum(array.nbytes for array in self.step.first_values)

    def files(self) -> dict[str, str]:
        """Give the texts by file name."""
        given = dict(self.program.values(self.step))
        values = {
            "NAME": self.program.name,
            "WHAT": in_comment(self.program.what),
            "SOURCE": in_comment(self.step.source),
            "VERSION": qibu.__version__,
            "FACTS": self._facts(),
            "WEIGHTS": f"{self.weight_bytes:,}",
            "STATE": f"{self.state_bytes:,}",
            "WORKING": f"{self.working_bytes:,}",
            **dict.fromkeys(("SIZES", "DATA", "DEFINITIONS", "PORTS", "CHECKS"), ""),
            "CALL": "qibu_step(&states[0], &states[1], …)",
            "USE": "its head says how it is used",
            "SOURCES": " ".join(self._sources()),
            **_state_values(self.step),
            **_graph_values(self.step),
            **self._load(),
            **given,
        }
        templates = [*FOLDER.iterdir(), *self._own]
        return {
            template.name: _fill(template.read_text("utf-8"), values)
            for template in templates
            if template.name != "load.c"
        }

    @property
    def _own(self) -> list[Path]:
        return [*self.program.templates.iterdir(), *self.program.shared]

    def _sources(self) -> list[str]:
        own = {f"{self.program.name}.c", "check.c"}
        theirs = sorted(path.name for path in self._own if path.suffix == ".c")
        return [*(name for name in theirs if name not in own), "graph.c", "graph_data.c"]

    def _facts(self) -> str:
        spec = self.step.stepper.spec
        lines = [
            f"#define QIBU_VERSION {quoted(qibu.__version__)}",
            f"#define QIBU_MODEL {quoted(self.step.stepper.model)} /* SHA-256 of the file */",
        ]
        if spec is not None:
            lines += [
                f"#define QIBU_FORMAT_VERSION {FORMAT_VERSION} /* of the file's document */",
                f"#define QIBU_QUANTIZATION {quoted(spec.quantization or 'float32')}",
            ]
            if spec.weights_sha256:
                lines += [
                    "/* of the float32 weights, by name and value */",
                    f"#define QIBU_WEIGHTS_SHA256 {quoted(spec.weights_sha256)}",
                ]
        return "\n".join(lines)

    def _load(self) -> dict[str, str]:
        if self.weights is None:
            return {"LOAD": f"\n{NOTHING_TO_LOAD}", "WANT_LOADED": "", "LOAD_INCLUDES": ""}
        code = (FOLDER / "load.c").read_text("utf-8")
        wanted = "    if (!loaded)\n        return QIBU_NO_WEIGHTS;\n"
        return {
            "LOAD": code.replace("@SUM@", f"0x{zlib.adler32(self.weights):08X}"),
            "WANT_LOADED": wanted,
            "LOAD_INCLUDES": "#include <stdio.h>\n",
        }


def defines(**values: object) -> str:
    """Give constants of the header."""
    return "\n".join(f"#define QIBU_{name} {value}" for name, value in values.items())


def status_values(statuses: Mapping[str, str]) -> dict[str, str]:
    """Give what a program's step may say besides what every step may."""
    every = {**STATUSES, **statuses}
    return {
        "STATUSES": "\n".join(f"    {name}," for name in every),
        "MESSAGES": "\n".join(f"        {quoted(text)}," for text in every.values()),
    }


def literal(value: object, dtype: str) -> str:
    """Write a value as C does."""
    kind = np.dtype(dtype).kind
    if kind == "f":
        number = float(value)  # type: ignore[arg-type]
        if np.isnan(number):
            return "NAN"
        if np.isinf(number):
            return "INFINITY" if number > 0 else "-INFINITY"
        return f"{number!r}f" if dtype == "float32" else repr(number)
    whole = int(value)  # type: ignore[call-overload]
    if kind == "u":
        return f"{whole}ULL" if whole > 2**31 else str(whole)
    if whole == -(2**63):  # C has no negative literals, and 2^63 is none either
        return "(-9223372036854775807LL - 1)"
    return f"{whole}LL" if abs(whole) >= 2**31 else str(whole)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"@([A-Z_]+)@", lambda match: values[match[1]], text)


def _state_values(step: CStep) -> dict[str, str]:
    fields, initial, checks = [], [], []
    tables: list[str] = []
    for port, value in zip(step.states, step.first_values, strict=True):
        note = "" if port.name == port.identifier else f" /* {in_comment(port.name)} */"
        fields.append(f"    {port.c_type} {port.identifier}{port.sizes};{note}")
        initial.append(_first(port, value, tables))
        checks.append(f"        note_state(&last->{port.first}, {port.count});")
    return {
        "FIELDS": "\n".join(fields),
        "FIRST_VALUES": "\n".join(tables),
        "INITIAL": "\n".join(initial),
        "STATES": "\n".join(checks),
        "STDBOOL": "#include <stdbool.h>\n" if _has_bool(step) else "",
    }


def _first(port: CPort, value: Array, tables: list[str]) -> str:
    if value.size and (value == value.flat[0]).all():
        return (
            f"    for (int i = 0; i < {port.count}; i++)\n"
            f"        (&state->{port.first})[i] = {literal(value.flat[0], port.dtype)};"
        )
    name = f"first_{port.identifier}"
    numbers = ", ".join(literal(number, port.dtype) for number in value.flat)
    tables.append(f"\nstatic const {port.c_type} {name}[{port.count}] = {{{numbers}}};\n")
    return f"    memcpy(&state->{port.first}, {name}, sizeof {name});"


def _has_bool(step: CStep) -> bool:
    return any(
        port.dtype == "bool" for port in (*step.states, *step.graph_inputs, *step.graph_outputs)
    )


def _graph_values(step: CStep) -> dict[str, str]:
    """Give how the generated function is declared and called: inputs first, then outputs."""
    fields = {pair.input: port for pair, port in zip(step.stepper.pairs, step.states, strict=True)}
    members = {
        "const ": {name: f"before->{port.identifier}" for name, port in fields.items()},
        "": {pair.output: f"after->{fields[pair.input].identifier}" for pair in step.stepper.pairs},
    }
    parameters, arguments = [], []
    for const, ports in (("const ", step.graph_inputs), ("", step.graph_outputs)):
        for port in ports:
            parameters.append(f"{const}{port.c_type} {port.identifier}{port.sizes}")
            member = members[const].get(port.name)
            rows = "".join(f"[{size}]" for size in port.shape[1:])
            cast = f"({const}{port.c_type}(*){rows})" if rows else ""
            arguments.append(member or f"{cast}{port.identifier}")
    return {
        "GRAPH_PARAMETERS": ", ".join(parameters),
        "GRAPH_ARGUMENTS": ", ".join(arguments),
    }
