"""`qibu export --c`: a model's step as C99 that needs nothing but the C library."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx

from qibu.core.arrays import Array
from qibu.core.errors import ModelFileError, NotStreamingError, RunError, VerificationError
from qibu.core.files import atomic_folder
from qibu.core.port import DTYPES
from qibu.core.stepper import Stepper

from ...core.against_file import Equality, sample_inputs, want_equal
from ..stepping import Stepping
from .c_files import Contents
from .c_graph import write_graph
from .c_step import C_TYPES, CStep
from .fixed_step import fixed_step
from .program import CProgram, program_of

INLINE = 1_000_000  # bytes of weights that a compiler swallows as arrays in a second


def write(model: Path, path: Path, stepping: Stepping | None = None) -> str:
    """Write a folder with the step as C, a program that uses it, and a golden trace.

    Where there is a C compiler, the folder is built and held to the trace before it gets its name.

    Args:
        model: any model file that can be stepped.
        path: the folder, new or empty.
        stepping: how it is stepped, where the file leaves it open.

    Returns:
        Lines to print.

    Raises:
        InputError: `path` is a file, or a folder that holds something; or `stepping` names what
            the graph lacks.
        NotStreamingError: the model reads whole sequences only.
        ModelFileError: it has a state that grows, an operator that C can't be made of, or a type
            that C lacks.
        VerificationError: what was made computes something else; nothing is written then.
    """
    with atomic_folder(path) as folder:
        contents, equality = lay_out(model, folder, stepping or Stepping(), INLINE)
        trace = "".join(f"{line}\n" for line in contents.program.trace(contents.step))
        (folder / "trace.txt").write_text(trace, "utf-8")
        name = contents.program.name
        lines = [str(equality), _build(folder, name)]
    size = sum(file.stat().st_size for file in path.iterdir())
    return "\n".join(
        [
            *lines,
            f"weights {contents.weight_bytes:,} bytes, a state {contents.state_bytes:,}, working "
            f"memory of a step {contents.working_bytes:,}",
            f"wrote {path} ({size / 1e6:.1f} MB): `make -C {path}` builds {name}",
        ]
    )


def lay_out(
    model: Path, folder: Path, stepping: Stepping, inline: int
) -> tuple[Contents, Equality]:
    """Write the sources, all but the golden trace; arguments and errors as in `write`.

    Args:
        inline: weights of more bytes lie apart, in `graph.bin`.

    Returns:
        What was written, and how equal its graph is to the model's.
    """
    stepper = Stepper(model, states=stepping.states)
    if not stepper.pairs:
        raise NotStreamingError(
            f"{model} can't become C: its network is bidirectional or reads the sequence from its "
            "end in another way, so that there is no step; export one that is stepped"
        )
    program = program_of(stepper, stepping)
    step = CStep(stepper, _step(stepper, stepping, program), model.name)
    contents = Contents(step, program, *write_graph(step.model, folder, inline))
    equality = _compare(stepper, step.model, stepping)
    for name, text in contents.files().items():
        (folder / name).write_text(text, "utf-8")
    return contents, equality


def _step(stepper: Stepper, stepping: Stepping, program: CProgram) -> onnx.ModelProto:
    """Give the graph of fixed sizes.

    Raises:
        ModelFileError: a state grows, or has a type or a size that C can't have.
    """
    ports = (*stepper.inputs.values(), *stepper.outputs.values())
    for port in ports:
        if port.name in (program.outputs or stepper.outputs) or port.name in stepper.inputs:
            dtype = DTYPES.get(port.type)
            if dtype is None or C_TYPES.get(dtype) is None:
                raise ModelFileError(f"no C can be made of port {port}: C99 has no such type")
    sizes = stepping.sizes_of(stepper)
    constants = stepping.constants_of(stepper)
    _want_same_sizes(stepper, stepping, constants)
    batch = stepper.fixed_batch or 1
    states = {pair.input: pair.shape_for(batch) for pair in stepper.pairs}
    kept = [name for name in stepper.outputs if name in program.outputs or not program.outputs]
    outputs = [*kept, *(pair.output for pair in stepper.pairs)]
    return fixed_step(
        onnx.load(stepper.path),
        {**sizes, **states},
        outputs,
        constants,
    )


def _want_same_sizes(stepper: Stepper, stepping: Stepping, constants: Mapping[str, Array]) -> None:
    """Step once to see that each state keeps its size."""
    inputs = sample_inputs(stepper, np.random.default_rng(0), stepping.sizes_of(stepper))[0]
    before = stepper.initial_state()
    try:
        _, after = stepper.step({**inputs, **constants}, before)
    except RunError as error:
        raise ModelFileError(
            f"{stepper.path} can't be stepped with inputs of "
            f"{ {name: list(array.shape) for name, array in inputs.items()} }: say the sizes of "
            f"one step with --example NAME=1,1,12, and what never changes with --set NAME=VALUE; "
            f"onnxruntime: {error}"
        ) from error
    for pair in stepper.pairs:
        sizes = [list(state[pair.input].shape) for state in (before, after)]
        if sizes[0] != sizes[1] or 0 in sizes[0]:
            raise ModelFileError(
                f"no C can be made of state {pair.input!r}: it grows, {sizes[0]} before a step and "
                f"{sizes[1]} after, and C has arrays of fixed size; export it with a window of "
                "fixed length"
            )


def _compare(stepper: Stepper, step: onnx.ModelProto, stepping: Stepping) -> Equality:
    """Hold the graph of fixed sizes to the model that it was made of."""
    with TemporaryDirectory() as name:
        path = Path(name) / "step.onnx"
        onnx.save(step, path)
        states = {pair.input: pair.output for pair in stepper.pairs}
        return want_equal(
            stepper,
            Stepper(path, states=states),
            sizes=stepping.sizes_of(stepper),
            constants=stepping.constants_of(stepper),
        )


def _build(folder: Path, program: str) -> str:
    """Compile the program and its check, and run the check on the trace."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        return "no C compiler here: `make test` in the folder checks it where there is one"
    # by their names alone: a relative folder's path leads nowhere from inside of it
    sources = [file.name for file in folder.glob("*.c") if file.stem not in (program, "check")]
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2"]
    with TemporaryDirectory() as name:
        for main in (program, "check"):
            built = str(Path(name).resolve() / main)
            _run([compiler, *options, "-o", built, f"{main}.c", *sources, "-lm"], folder)
        return f"{Path(compiler).name}: {_run([built], folder)}"


def _run(command: list[str], folder: Path) -> str:
    with (folder / "trace.txt").open(encoding="utf-8") as trace:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=trace,
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # a compiler speaks as its locale does
            check=False,
        )
    if done.returncode:
        told = (done.stderr or done.stdout).strip()
        raise VerificationError(f"the C does not do what the model does: {told[:500]}")
    return done.stdout.strip()
