"""`qibu step`: run any stateful model over a recording."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qibu.bundled import model_path
from qibu.cli.progress import Progress
from qibu.core.arrays import Array
from qibu.core.description import parse_states
from qibu.core.errors import InputError
from qibu.core.state import State
from qibu.core.stepper import Stepper
from qibu.data.recordings import Steps, open_sink, read_recording

EXAMPLES = """\
examples:
  qibu step anomaly.onnx --input log.csv --out scores.csv
  qibu step vad.onnx --input audio.npy --set sr=16000 --output prob
  qibu step anomaly.onnx --input monday.npy --save-state night.npz > monday.csv
  qibu step anomaly.onnx --input tuesday.npy --state night.npz > tuesday.csv
"""


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu step",
        description="Run a model over a recording, a row a step, from its initial state or a saved "
        "one. Cut in two and resumed, a recording gives the same to the bit.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", help="a bundled name or a file; any ONNX file with explicit state")
    parser.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="[NAME=]FILE",
        help=".npy or .csv, a row a step, or - for CSV on stdin; with NAME= where the model has "
        "several inputs, once for each",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input that is the same in every step: a number, or several with commas",
    )
    parser.add_argument(
        "--states",
        nargs="+",
        metavar="INPUT=OUTPUT",
        help="what is state, where the names leave a doubt",
    )
    parser.add_argument("--state", type=Path, metavar="NPZ", help="begin with a saved state")
    parser.add_argument("--save-state", type=Path, metavar="NPZ", help="save the last state")
    parser.add_argument(
        "--output", action="append", metavar="NAME", help="an output to keep; default: all"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=".csv, .npy or .npz; default: CSV on stdout"
    )
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    parser.add_argument("--threads", type=int, default=1, help="default: 1")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu step`."""
    arguments = build_parser().parse_args(argv)
    stepper = Stepper(
        model_path(arguments.model),
        provider=arguments.provider,
        threads=arguments.threads,
        states=parse_states(arguments.states),
    )
    state = stepper.initial_state() if arguments.state is None else State.load(arguments.state)
    if state.batch != (stepper.fixed_batch or 1):
        raise InputError(f"a recording is one sequence's, the state is of {state.batch}")
    stepper.check_state(state)
    constant = dict(_constant(stepper, text) for text in arguments.set)
    recordings = _recordings(stepper, arguments.input, set(constant))
    kept = arguments.output or list(stepper.outputs)
    for name in kept:
        if name not in stepper.outputs:
            raise InputError(f"no output {name!r}; there are {', '.join(stepper.outputs)}")
    notes = stepper.spec.ports if stepper.spec else {}
    labels = {name: note.labels for name, note in notes.items()}
    lengths = {name: len(steps) for name, steps in recordings.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"recordings must have equally many steps, got {told}")
    total = next(iter(lengths.values()))
    with open_sink(arguments.out, labels) as sink, Progress(total, "steps") as progress:
        for step in range(total):
            given = {name: steps[step] for name, steps in recordings.items()}
            try:
                outputs, state = stepper.step({**constant, **given}, state)
            except InputError as error:
                raise InputError(f"step {step + 1}: {error}") from error
            sink.write({name: outputs[name] for name in kept})
            progress.advance()
        if arguments.save_state is not None:
            state.save(arguments.save_state)
    if arguments.out is not None:
        print(f"wrote {arguments.out}: {total:,} steps", file=sys.stderr)
    return 0


def _constant(stepper: Stepper, text: str) -> tuple[str, Array]:
    name, equals, value = text.partition("=")
    if not equals or name not in stepper.inputs:
        raise InputError(f"--set takes NAME=VALUE of {', '.join(stepper.inputs)}, got {text!r}")
    port = stepper.inputs[name]
    shape = [size if size is not None else 1 for size in port.shape]
    try:
        numbers = np.array([float(part) for part in value.split(",")])
        return name, np.broadcast_to(numbers.reshape(-1) if shape else numbers[0], shape).astype(
            port.dtype
        )
    except ValueError as error:
        raise InputError(f"--set {text}: input {port} can't be {value!r}") from error


def _recordings(stepper: Stepper, arguments: Sequence[str], constant: set[str]) -> dict[str, Steps]:
    defaults = stepper.spec.defaults if stepper.spec else {}
    open_ones = [n for n in stepper.inputs if n not in constant and n not in defaults]
    recordings = {}
    for argument in arguments:
        name, equals, source = argument.partition("=")
        if not (equals and name in stepper.inputs):
            if len(open_ones) != 1:
                raise InputError(
                    f"the model reads {', '.join(open_ones)}: say which one {argument!r} is for, "
                    f"--input {open_ones[0] if open_ones else 'NAME'}={argument}; "
                    "one that never changes goes with --set NAME=VALUE"
                )
            name, source = open_ones[0], argument
        recordings[name] = Steps(read_recording(source), stepper.inputs[name], source)
    missing = [name for name in open_ones if name not in recordings]
    if missing:
        raise InputError(
            f"input {stepper.inputs[missing[0]]} is missing: "
            f"--input {missing[0]}=FILE, or --set {missing[0]}=VALUE if it never changes"
        )
    return recordings
