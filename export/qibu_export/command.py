"""`qibu export`: turn a trained run, or a model file, into what a device runs."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qibu.bundled import bundled_models, model_path
from qibu.cli.progress import report_to
from qibu.core.description import parse_states
from qibu.core.errors import InputError
from qibu.core.port import DTYPES, Port
from qibu.data.recordings import Steps, read_recording
from qibu.data.registry import data_folder
from qibu.loading import load
from qibu.quality.measure import measure

from .targets.stepping import Stepping, parse_constants, parse_sizes


@dataclass(frozen=True)
class Target:
    """Something made of a model file: the module whose `write(model, path, stepping)` makes it.

    `write` verifies what it made and gives a line or more to print; if it raises, nothing is left
    under the path.
    """

    module: str
    metavar: str
    summary: str
    several: bool = False  # of several models at once: `write(models, path, stepping, source)`


TARGETS: Mapping[str, Target] = {
    "c": Target(
        "qibu_export.targets.c.c_source",
        "DIR",
        "write the step as C99 without a runtime, and a program that uses it",
    ),
    "ort": Target(
        "qibu_export.targets.ort_format",
        "FILE",
        "write onnxruntime's own format, and the list of operators for a reduced build",
    ),
    "web": Target(
        "qibu_export.targets.web",
        "DIR",
        "write a page that runs the models in the browser, to be served by any static host",
        several=True,
    ),
}


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu export",
        description="Write a run's best weights as one ONNX file, once it computes the same; or "
        "turn a run or a model file into something else that computes the same.",
    )
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="folder of a run, a checkpoint in it, FILE.py:FACTORY that makes a torch module, a "
        "bundled name or an .onnx file; several with --web",
    )
    made = parser.add_mutually_exclusive_group()
    made.add_argument("--out", type=Path, help="the file to write; default: RUN/model.onnx")
    for name, target in TARGETS.items():
        made.add_argument(f"--{name}", type=Path, metavar=target.metavar, help=target.summary)
    parser.add_argument(
        "--evaluate", action="store_true", help="measure the file on the test data, and note it"
    )
    quantised = parser.add_mutually_exclusive_group()
    quantised.add_argument(
        "--int8",
        action="store_const",
        dest="precision",
        const="int8",
        help="multiply in 8 bits, for CPUs: a third of the size, several times as fast; "
        "measured on the test data, and refused if it costs too much quality",
    )
    quantised.add_argument(
        "--int8-weights",
        action="store_const",
        dest="precision",
        const="int8-weights",
        help="store in 8 bits and compute in float32, for GPUs: a quarter of the size; "
        "measured as well",
    )
    parser.add_argument(
        "--states",
        nargs="+",
        metavar="INPUT=OUTPUT",
        help="what is state in somebody's own file, where the names leave a doubt",
    )
    parser.add_argument(
        "--example",
        action="append",
        default=[],
        metavar="NAME=SIZES",
        help="an input of one step: of a module each argument of forward, in order (x=1,1,12, "
        "tokens=1,1:int64); of a file one where more than batch and time is free",
    )
    module = parser.add_argument_group("a module of your own, FILE.py:FACTORY")
    module.add_argument(
        "--weights", type=Path, metavar="FILE", help=".safetensors, or .pt with a state_dict"
    )
    module.add_argument(
        "--outputs", nargs="+", metavar="NAME", help="names of what forward returns, in order"
    )
    module.add_argument(
        "--recording",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help=".npy or .csv of an input, a row a step: on it the loss of 8 bits is measured",
    )
    module.add_argument("--description", default="", help="a sentence for those who find the file")
    module.add_argument(
        "--whole", action="store_true", help="export what can't be stepped, for whole sequences"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input that is the same in every step; in C it becomes part of the network",
    )
    parser.add_argument(
        "--from",
        dest="source_data",
        type=Path,
        help="folder of the data files, or the file that a model of an own text is measured on; "
        "with --web, the folder of onnxruntime-web's",
    )
    return parser


def is_model(source: str) -> bool:
    """Say whether a source is a model already, not a run."""
    return source in bundled_models() or Path(source).suffix == ".onnx"


def is_module(source: str) -> bool:
    """Say whether a source names a Python file and what in it makes a module."""
    file, colon, name = source.rpartition(":")
    return bool(colon) and file.endswith(".py") and name.isidentifier()


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu export`."""
    arguments = build_parser().parse_args(argv)
    wanted = [(name, getattr(arguments, name)) for name in TARGETS if getattr(arguments, name)]
    sources = arguments.sources
    if len(sources) > 1 and not (wanted and TARGETS[wanted[0][0]].several):
        raise InputError(f"one model at a time, got {', '.join(sources)}; several go with --web")
    if not wanted:
        export_source = _export_module if is_module(sources[0]) else _export_run
        export_source(sources[0], arguments, arguments.out)
        return 0
    ((name, path),) = wanted
    write = import_module(TARGETS[name].module).write
    if any(map(is_model, sources)) and (arguments.precision or arguments.evaluate):
        raise InputError(
            f"{next(filter(is_model, sources))} is exported already: --int8, --int8-weights and "
            "--evaluate go with a run"
        )
    stepping = Stepping(
        parse_states(arguments.states),
        parse_sizes(arguments.example),
        parse_constants(arguments.set),
    )
    with TemporaryDirectory() as folder:
        models = [_model_of(source, arguments, Path(folder)) for source in sources]
        if TARGETS[name].several:
            print(write(models, path, stepping, arguments.source_data))
        else:
            print(write(models[0], path, stepping))
    return 0


def _data_of(checkpoint: Any, run: Path, source: Path | None) -> Path:
    """Give the data that a run's file is measured on: a folder, or what the run held out."""
    from qibu_train.core.checkpoint import HELD_OUT

    held_out = (run if run.is_dir() else run.parent) / HELD_OUT
    if source is None and held_out.exists():
        return held_out
    datasets = checkpoint.application.datasets(checkpoint.config)
    if source is None and not datasets:
        raise InputError(
            "the file is measured on the data that the run was trained on: say where it is with "
            "--from"
        )
    return source if source is not None else data_folder(datasets[0].name)


def _model_of(source: str, arguments: argparse.Namespace, folder: Path) -> Path:
    if is_model(source):
        return model_path(source)
    model = folder / f"{Path(source.rpartition(':')[0] or source).stem}.onnx"
    (_export_module if is_module(source) else _export_run)(source, arguments, model)
    return model


def _export_module(source: str, arguments: argparse.Namespace, out: Path | None) -> None:
    from .module import export_module  # only here: a model file needs no torch
    from .module.source import load_weights, make_module, name_results, parse_examples

    module, examples = make_module(source), parse_examples(arguments.example)
    if not examples:
        raise InputError(
            "a module needs an example of one step for each argument of forward, as "
            "--example x=1,1,12"
        )
    if arguments.precision is not None and not arguments.recording:
        raise InputError(
            f"a file in {arguments.precision} has to be measured: give a recording of every input, "
            f"as --recording {next(iter(examples))}=log.npy"
        )
    if arguments.weights is not None:
        load_weights(module, arguments.weights)
    out = out or Path(source.rpartition(":")[0]).with_suffix(".onnx")
    result = export_module(
        module,
        out,
        inputs=examples,
        outputs=arguments.outputs or name_results(module, examples),
        states=parse_states(arguments.states),
        precision=arguments.precision or "float32",
        measure=_recordings(arguments.recording, examples) or None,
        description=arguments.description,
        streaming=not arguments.whole,
    )
    print(result)
    print(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB)")


def _recordings(arguments: Sequence[str], examples: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read what the loss of 8 bits is measured on: one recording of every input."""
    recorded = {}
    for argument in arguments:
        name, equals, file = argument.partition("=")
        if not equals or name not in examples:
            names = ", ".join(examples)
            raise InputError(f"--recording takes NAME=FILE of {names}, got {argument!r}")
        example = examples[name].numpy()
        types = {dtype: kind for kind, dtype in DTYPES.items()}
        port = Port(name, types[example.dtype.name], example.shape)
        steps = Steps(read_recording(file), port, file)
        recorded[name] = np.stack([steps[number] for number in range(len(steps))])
    return [recorded] if recorded else []


def _export_run(source: str, arguments: argparse.Namespace, out: Path | None) -> None:
    if is_model(source):
        targets = ", ".join(f"--{name}" for name in TARGETS)
        raise InputError(
            f"{source} is exported already: say what to make of it with one of {targets}"
        )
    from qibu_train.core.checkpoint import Checkpoint  # only here: a model file needs no torch

    from .trained.export import export

    run = Path(source)
    checkpoint = Checkpoint.load(run)
    out = out or (run if run.is_dir() else run.parent) / "model.onnx"
    precision = arguments.precision or "float32"
    figures: Callable[[Path], dict[str, Any]] | None = None
    if arguments.evaluate or precision != "float32":
        data = _data_of(checkpoint, run, arguments.source_data)

        def figures(path: Path) -> dict[str, Any]:
            return measure(load(path), data, progress=report_to("measured"))

    result, quality = export(checkpoint, out, figures, precision)
    print(result)
    for name, value in quality.items():
        print(f"{name}: {value}")
    print(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB)")
