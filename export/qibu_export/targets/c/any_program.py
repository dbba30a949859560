"""What comes with the step of any network in C: a program that steps it over rows of numbers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from qibu.core.arrays import Array
from qibu.core.golden_trace import record_trace
from qibu.core.model_file import GoldenTrace
from qibu.core.packed import Packed
from qibu.core.stepper import Stepper

from ...core.against_file import LIMIT, sample_inputs
from ..stepping import Stepping
from .c_files import status_values
from .c_step import CPort, CStep
from .index_limits import index_limits
from .names import in_comment
from .program import CProgram

STATUSES: Mapping[str, str] = {
    "QIBU_NOT_A_NUMBER": "an input has NaN",
    "QIBU_BAD_INDEX": "an input or a state is an index outside of its table",
}
# how a value is printed so that it can be read again
_PRINT: Mapping[str, str] = {"float32": '"%.9g", ', "float64": '"%.17g", '}


def any_program(stepper: Stepper, stepping: Stepping) -> CProgram:
    """Give the program of a file of any network."""
    spec = stepper.spec
    told = f": {spec.description}" if spec and spec.description else ""
    return CProgram(
        name="step",
        what=f"a network{told}",
        templates=Path(__file__).parent / "any",
        trace=lambda step: _words(step, _trace(step, stepping)),
        values=_values,
    )


def _values(step: CStep) -> Mapping[str, str]:
    inputs, outputs = step.inputs, step.outputs
    ports = [*inputs, *outputs]
    read = {port.dtype: port.c_type for port in ports[: len(inputs)]}
    seen = {port.dtype: port.c_type for port in (*outputs, *step.states)}
    passed = ", ".join(port.identifier for port in ports)
    return {
        **status_values(STATUSES),
        "PARAMETERS": ", ".join(
            [f"const {port.c_type} {port.identifier}[{port.count}]" for port in inputs]
            + [f"{port.c_type} {port.identifier}[{port.count}]" for port in outputs]
        ),
        "PORTS": "".join(f"   {line}\n" for line in _port_notes(step)),
        "CHECKS": _checks(step),
        "CALL": f"qibu_step(&states[0], &states[1], {passed})",
        "PASSED": passed,
        "ARRAYS": "\n".join(
            f"static {port.c_type} {port.identifier}[{port.count}];" for port in ports
        ),
        "PARSERS": "\n".join(_parser(dtype) for dtype in {**read, **seen}),
        "TAKERS": "\n".join(f"TAKER({c_type}, {dtype})" for dtype, c_type in read.items()),
        "OUTPUT_COUNT": str(sum(port.count for port in outputs)),
        "READERS": "\n".join(f"READER({c_type}, {dtype})" for dtype, c_type in read.items()),
        "COMPARERS": "\n".join(f"COMPARER({c_type}, {dtype})" for dtype, c_type in seen.items()),
        "PRINTERS": "\n".join(_printer(port) for port in _one_a_type(outputs)),
        "READS": "\n".join(_call("read", port) for port in inputs),
        "COMPARES": "\n".join(
            f"            worst = larger(worst, compare_{port.dtype}({port.identifier}, "
            f"{port.count}));"
            for port in outputs
        ),
        "STATES": "\n".join(
            f"    worst_state = larger(worst_state, compare_{port.dtype}(&last->{port.first}, "
            f"{port.count}));"
            for port in step.states
        ),
        "COLUMNS": str(sum(port.count for port in inputs)),
        "FILLS": "\n".join(f"        {_fill(port)}" for port in inputs),
        "PRINTS": "\n".join(
            f"        print_{port.dtype}({port.identifier}, {port.count});" for port in outputs
        ),
        "INPUT_LIST": in_comment(", ".join(f"{port.name} ({port.count})" for port in inputs)),
        "OUTPUT_LIST": in_comment(", ".join(f"{port.name} ({port.count})" for port in outputs)),
        "READ_PARSERS": "\n".join(_parser(dtype) for dtype in read),
    }


def _one_a_type(ports: Sequence[CPort]) -> Sequence[CPort]:
    return list({port.dtype: port for port in ports}.values())


def _call(kind: str, port: CPort) -> str:
    return f"        {kind}_{port.dtype}({port.identifier}, {port.count});"


def _fill(port: CPort) -> str:
    return (
        f"if (!take_{port.dtype}(&rest, {port.identifier}, {port.count}))\n"
        f'            return fail("input {port.identifier} must be {port.count} '
        f'{port.dtype} a row", line);'
    )


def _parser(dtype: str) -> str:
    """Give the function that reads one value at the beginning of a text."""
    if dtype in _PRINT:
        kind, parse = ("float", "strtof") if dtype == "float32" else ("double", "strtod")
        return (
            f"static int parse_{dtype}(const char *text, char **end, {kind} *value)\n"
            f"{{\n    *value = {parse}(text, end);\n    return *end != text;\n}}\n"
        )
    wide, parse = (
        ("unsigned long long", "strtoull") if dtype[0] == "u" else ("long long", "strtoll")
    )
    kind = "bool" if dtype == "bool" else f"{dtype}_t"
    return (
        f"static int parse_{dtype}(const char *text, char **end, {kind} *value)\n"
        f"{{\n    const {wide} whole = {parse}(text, end, 10);\n"
        f"    *value = ({kind})whole;\n    return *end != text && ({wide})*value == whole;\n}}\n"
    )


def _printer(port: CPort) -> str:
    wide = "unsigned long long" if port.dtype[0] == "u" else "long long"
    shown = '"%llu"' if port.dtype[0] == "u" else '"%lld"'
    value = f"{shown}, ({wide})values[i]"
    if port.dtype in _PRINT:
        value = f"{_PRINT[port.dtype]}values[i]"
    return (
        f"static void print_{port.dtype}(const {port.c_type} *values, int size)\n"
        "{\n    for (int i = 0; i < size; i++) {\n"
        f"        printf({value});\n        putchar(--left ? ' ' : '\\n');\n    }}\n}}\n"
    )


def _port_notes(step: CStep) -> Iterator[str]:
    """Say of each input and output what it is, what it is measured in, what its places are."""
    spec = step.stepper.spec
    for port in (*step.inputs, *step.outputs):
        note = spec.ports.get(port.name) if spec else None
        words = [f"{port.identifier}: {list(port.shape) or 'one value'} {port.dtype}"]
        if port.name != port.identifier:
            words[0] = f"{port.identifier} ({port.name}): {list(port.shape)} {port.dtype}"
        if note is not None:
            words += [note.description] if note.description else []
            words += [f"in {note.unit}"] if note.unit else []
            words += [f"of {', '.join(note.labels)}"] if note.labels else []
        yield in_comment("; ".join(words))


def _checks(step: CStep) -> str:
    """Refuse NaN, as Python does, and an index outside of its table, which C would follow."""
    code = []
    for port in step.inputs:
        if port.dtype in _PRINT:
            code.append(
                f"    for (int i = 0; i < {port.count}; i++)\n"
                f"        if (isnan({port.identifier}[i]))\n"
                "            return QIBU_NOT_A_NUMBER;\n"
            )
    places = {port.name: (port.identifier, port) for port in step.inputs}
    places |= {port.name: (f"(&before->{port.first})", port) for port in step.states}
    for name, size in index_limits(step.model).items():
        place, port = places[name]
        low = "" if port.dtype[0] == "u" else f"{place}[i] < -{size} || "
        code.append(
            f"    for (int i = 0; i < {port.count}; i++)\n"
            f"        if ({low}{place}[i] >= {size})\n"
            "            return QIBU_BAD_INDEX;\n"
        )
    return "".join(code)


def _trace(step: CStep, stepping: Stepping) -> GoldenTrace:
    """Give the file's own trace; where there is none that C can step, one that is recorded now."""
    stepper = step.stepper
    own = stepper.spec.trace if stepper.spec else None
    sizes, constants = stepping.sizes_of(stepper), stepping.constants_of(stepper)
    if (
        own is not None
        and not constants
        and all(
            packed.shape == sizes.get(name) and packed.every == 1
            for given in own.steps
            for name, packed in given["inputs"].items()
        )
    ):
        return own
    generator = np.random.default_rng(0)
    inputs = [{**given, **constants} for given in sample_inputs(stepper, generator, sizes)]
    return record_trace(stepper, inputs, LIMIT)


def _words(step: CStep, trace: GoldenTrace) -> Iterator[str]:
    """Give a trace as the bare numbers that `check.c` reads, a line at a time."""
    defaults = step.stepper.spec.defaults if step.stepper.spec else {}
    yield f"{trace.tolerance!r} {len(trace.steps)}"
    for given in trace.steps:
        for port in step.inputs:
            packed = given["inputs"].get(port.name)
            yield _numbers(
                np.full(port.count, defaults[port.name], port.dtype)
                if packed is None
                else packed.array()
            )
        for port in step.outputs:
            yield _kept(given["outputs"].get(port.name), port)
    by_output = {pair.input: trace.states.get(pair.output) for pair in step.stepper.pairs}
    for port in step.states:
        yield _kept(by_output[port.name], port)


def _kept(packed: Packed | None, port: CPort) -> str:
    if packed is None:  # not in the trace: no value is held to it
        return str(port.count + 1) + " 0"
    return f"{packed.every} {len(packed.values)} {_numbers(packed.values)}"


def _numbers(values: Array) -> str:
    flat = np.ravel(values)
    if flat.dtype.kind == "f":
        return " ".join(repr(float(value)) for value in flat)
    return " ".join(str(int(value)) for value in flat)
