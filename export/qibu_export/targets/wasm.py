"""A model's step as one WebAssembly file: its C by clang, its weights, what the model file says.

The module in JavaScript opens it like the model file that it was made of. What that says stands in
a custom section as JSON: SHA-256, metadata, and the arrays of its inputs and outputs.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

from qibu.core.errors import ModelFileError, VerificationError
from qibu.core.files import atomic_path
from qibu.core.model_file import KEY
from qibu.core.stepper import Stepper

from .c.c_files import Contents
from .c.c_source import lay_out
from .c.c_values import SIZES
from .stepping import Stepping
from .wasm_ports import arrays_of, declared, describe

PACKAGES = "clang lld wasi-libc"  # Debian's
TARGET = ["--target=wasm32-wasi", "-std=c99", "-O3", "-msimd128", "-w"]
LINKING = ["-nostartfiles", "-nodefaultlibs", "-lc", "-Wl,--no-entry,--stack-first,--strip-all"]
PROBE = "#include <math.h>\nfloat step(float x) { return expf(x); }\n"
# nobody calls the loader of graph.bin; it shall not bring in the C library's files, and the imports
# that those have
NO_FILES = """
void *stderr;
void *fopen(const char *path, const char *mode) { return 0; }
int fclose(void *file) { return 0; }
unsigned long fread(void *to, unsigned long size, unsigned long count, void *file) { return 0; }
int fprintf(void *file, const char *text, ...) { return 0; }
"""
PAGE = 65536  # bytes
COMPILED = "step.wasm"  # what clang makes
# the weights of graph.bin as the generated loader reads them, and how each is declared
_LOADED = re.compile(r"fread\(&(\w+)\[")
_DECLARED = re.compile(r"^extern (\w+) (\w+)((?:\[\d+\])+);$", re.MULTILINE)
_CHECK = """
import { readFileSync } from "node:fs";
const [, module, model] = process.argv;
const { Stepper, verifyOwnTrace } = await import(module);
console.log(String(await verifyOwnTrace(await Stepper.open(readFileSync(model)))));
"""


@cache
def is_possible() -> bool:
    """Say whether there is a clang that makes WebAssembly and has a C library for it."""
    if shutil.which("clang") is None:
        return False
    with TemporaryDirectory() as name:
        (Path(name) / "probe.c").write_text(PROBE, "utf-8")
        return clang(Path(name), ["probe.c"], ["step"], PAGE).returncode == 0


def compile_model(stepper: Stepper, target: Path, module: Path) -> str:
    """Write a model's step as WebAssembly.

    Args:
        stepper: of a model file with metadata.
        target: the file.
        module: the folder of the JavaScript module; where there is Node.js, it holds the file to
            the trace that the model carries.

    Returns:
        A line to print.

    Raises:
        NotStreamingError: the model reads whole sequences only.
        ModelFileError: it can't become C, or has free axes besides batch and time.
        VerificationError: what was made computes something else; nothing is written then.
    """
    content = stepper.identity.content
    assert content is not None
    with TemporaryDirectory() as name:
        folder = Path(name)
        contents, _ = lay_out(stepper.path, folder, Stepping(), inline=0)
        arrays = arrays_of(contents.step)
        about = {
            "model": stepper.model,
            "document": content.metadata[KEY],
            "states": {pair.input: pair.output for pair in stepper.pairs},
            **describe(stepper, arrays),
        }
        sources = ["web.c", "no_files.c", "qibu.c", "graph.c", "graph_data.c", "weights.s"]
        (folder / "web.c").write_text(_web_source(contents), "utf-8")
        (folder / "no_files.c").write_text(NO_FILES, "utf-8")
        weights = list(places((folder / "graph.c").read_text("utf-8")))
        (folder / "weights.s").write_text("".join(_placed(*place) for place in weights), "utf-8")
        # so that those of weights.s take the place of the loader's own, empty arrays
        weak = "".join(f"#pragma weak {name}\n" for name, _, _ in weights)
        (folder / "weak.h").write_text(weak, "utf-8")
        exported = ["step", *(array.identifier for array in arrays)]
        exported += ["finish", "qibu_message"] if contents.program.finish else []
        done = clang(folder, ["-include", "weak.h", *sources], exported, contents.working_bytes)
        if done.returncode:
            raise ModelFileError(f"clang refuses the C of {stepper.path}: {done.stderr[:500]}")
        section = _section(KEY, json.dumps(about, ensure_ascii=False).encode())
        with atomic_path(target) as path:
            path.write_bytes((folder / COMPILED).read_bytes() + section)
            return f"{target.name}: {_verify(stepper, path, module)}"


def clang(
    folder: Path, sources: Sequence[str], exported: Sequence[str], stack: int
) -> subprocess.CompletedProcess[str]:
    """Make WebAssembly of a folder's C.

    Args:
        folder: gets `COMPILED`.
        sources: and options of the compiler, before those.
        exported: functions, and arrays by their addresses.
        stack: bytes that the values take which nodes hand on.
    """
    # beside the values that nodes hand on a page for the calls themselves
    linking = [*LINKING, f"-Wl,-z,stack-size={(stack // PAGE + 2) * PAGE}"]
    linking += [f"-Wl,--export={name}" for name in exported]
    command = ["clang", *TARGET, "-o", COMPILED, *sources, *linking]
    return subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
    )


def _web_source(contents: Contents) -> str:
    """Give the C that JavaScript calls; it fills and reads the arrays."""
    step = contents.step
    parameters = ", ".join(
        f"{const}{port.c_type}{port.sizes}"
        for const, ports in (("const ", step.graph_inputs), ("", step.graph_outputs))
        for port in ports
    )
    arguments = ", ".join(port.identifier for port in (*step.graph_inputs, *step.graph_outputs))
    return (
        '#include "qibu.h"\n\n'
        f"void qibu_graph({parameters});\n\n{declared(arrays_of(step))}\n\n"
        f"void step(void)\n{{\n    qibu_graph({arguments});\n}}\n{contents.program.finish}"
    )


def places(source: str) -> Iterator[tuple[str, int, int]]:
    """Give name, first byte and bytes of each array in `graph.bin`."""
    declared = {match[2]: match for match in _DECLARED.finditer(source)}
    first = 0
    for name in _LOADED.findall(source):
        kind, _, sizes = declared[name].groups()
        size = SIZES[kind] * prod(map(int, re.findall(r"\d+", sizes)))
        yield name, first, size
        first += size


def _placed(name: str, first: int, size: int) -> str:
    """Let an array be a part of `graph.bin`, which no compiler has to read."""
    return (
        f'.section .data.{name},"",@\n.globl {name}\n.p2align 4\n{name}:\n'
        f'.incbin "graph.bin", {first}, {size}\n.size {name}, {size}\n'
    )


def _section(name: str, content: bytes) -> bytes:
    """Give a custom section of WebAssembly."""
    whole = _varint(len(name)) + name.encode() + content
    return b"\0" + _varint(len(whole)) + whole


def _varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + _varint(rest) if rest else bytes([low])


def _verify(stepper: Stepper, path: Path, module: Path) -> str:
    if stepper.spec is None or stepper.spec.trace is None:
        return "it carries no trace to be held to"
    node = shutil.which("node")
    if node is None:
        return "no Node.js here to hold it to the trace that it carries"
    command = [node, "--input-type=module", "--eval", _CHECK, (module / "index.js").as_uri()]
    done = subprocess.run([*command, str(path)], capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise VerificationError(
            f"the WebAssembly does not do what the model does: {done.stderr.strip()[-500:]}"
        )
    return done.stdout.strip()
