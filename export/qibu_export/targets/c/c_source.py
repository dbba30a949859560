"""`qibu export --c`: a model's step as C99 that needs nothing but the C library."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx

from qibu.core.errors import NotStreamingError, VerificationError
from qibu.core.files import atomic_folder
from qibu.core.model_file import ModelSpec
from qibu.core.stepper import Stepper
from qibu.loading import load
from qibu.quality.trace import make_trace

from ...core.against_file import Equality, want_equal
from .c_files import Contents, words
from .c_graph import write_graph
from .fixed_step import fixed_step

INLINE = 1_000_000  # bytes of weights that a compiler swallows as arrays in a second


def write(model: Path, path: Path) -> str:
    """Write a folder with the step as C, a program that uses it, and a golden trace.

    Where there is a C compiler, the folder is built and held to the trace before it gets its name.

    Args:
        model: an exported model file that can be stepped.
        path: the folder, new or empty.

    Returns:
        Lines to print.

    Raises:
        InputError: `path` is a file, or a folder that holds something.
        NotStreamingError: the model reads whole sequences only.
        ModelFileError: it is no model of Qibu's, or has an operator that C can't be made of.
        VerificationError: what was made computes something else; nothing is written then.
    """
    reader = load(model)
    stepper, spec = reader.stepper, reader.stepper.spec
    assert spec is not None  # `load` opens no file without
    if not spec.streaming:
        raise NotStreamingError(
            f"{model} can't become C: its {spec.cell} network is bidirectional and reads the "
            "sequence from its end as well, so that there is no step; export one that is stepped"
        )
    with atomic_folder(path) as folder:
        step = fixed_step(onnx.load(model), spec)
        lines = [str(_compare(stepper, step, spec))]
        contents = Contents(spec, step, *write_graph(step, folder, INLINE))
        for name, text in contents.files(model.name).items():
            (folder / name).write_text(text, "utf-8")
        trace = make_trace(reader, model.name)
        (folder / "trace.txt").write_text(words(trace), "utf-8")
        lines.append(_build(folder, contents.program))
    size = sum(file.stat().st_size for file in path.iterdir())
    return "\n".join(
        [
            *lines,
            f"weights {contents.weight_bytes:,} bytes, a state {contents.state_bytes:,}, working "
            f"memory of a step {contents.working_bytes:,}",
            f"wrote {path} ({size / 1e6:.1f} MB): `make -C {path}` builds {contents.program}",
        ]
    )


def _compare(stepper: Stepper, step: onnx.ModelProto, spec: ModelSpec) -> Equality:
    """Hold the graph of fixed sizes to the model that it was made of."""
    with TemporaryDirectory() as name:
        path = Path(name) / "step.onnx"
        onnx.save(step, path)
        states = {pair.input: pair.output for pair in spec.states}
        return want_equal(stepper, Stepper(path, states=states))


def _build(folder: Path, program: str) -> str:
    """Compile the program and its check, and run the check on the trace."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        return "no C compiler here: `make test` in the folder checks it where there is one"
    sources = [str(file) for file in folder.glob("*.c") if file.stem not in (program, "check")]
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2"]
    with TemporaryDirectory() as name:
        for main in (program, "check"):
            built, source = str(Path(name) / main), str(folder / f"{main}.c")
            command = [compiler, *options, "-o", built, source, *sources, "-lm"]
            _run(command, folder)
        return f"{Path(compiler).name}: {_run([built], folder)}"


def _run(command: list[str], folder: Path) -> str:
    with (folder / "trace.txt").open() as trace:
        done = subprocess.run(
            command, cwd=folder, stdin=trace, capture_output=True, text=True, check=False
        )
    if done.returncode:
        told = (done.stderr or done.stdout).strip()
        raise VerificationError(f"the C does not do what the model does: {told[:500]}")
    return done.stdout.strip()
