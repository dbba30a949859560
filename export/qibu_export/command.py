"""`qibu export`: turn a trained run into a verified model file."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qibu.cli.evaluate import show_progress
from qibu.datasets import data_folder
from qibu.loading import load
from qibu.measure import measure
from qibu_train.checkpoint import Checkpoint

from .export import export


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu export",
        description="Write a run's best weights as one ONNX file, once it computes the same.",
    )
    parser.add_argument("run", type=Path, help="folder of a run, or a checkpoint in it")
    parser.add_argument("--out", type=Path, help="the file to write; default: RUN/model.onnx")
    parser.add_argument(
        "--evaluate", action="store_true", help="measure the file on the test data, and note it"
    )
    quantised = parser.add_mutually_exclusive_group()
    quantised.add_argument(
        "--int8",
        action="store_const",
        dest="precision",
        const="int8",
        default="float32",
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
    parser.add_argument("--from", dest="source", type=Path, help="folder of the data files")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu export`."""
    arguments = build_parser().parse_args(argv)
    checkpoint = Checkpoint.load(arguments.run)
    folder = arguments.run if arguments.run.is_dir() else arguments.run.parent
    out = arguments.out or folder / "model.onnx"
    figures: Callable[[Path], dict[str, Any]] | None = None
    if arguments.evaluate or arguments.precision != "float32":
        task = "poems" if checkpoint.config.task == "poem" else "digits"
        data = data_folder(task, arguments.source)

        def figures(path: Path) -> dict[str, Any]:
            return measure(load(path), data, progress=show_progress)

    result, quality = export(checkpoint, out, figures, arguments.precision)
    print(result)
    for name, value in quality.items():
        print(f"{name}: {value}")
    print(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB)")
    return 0
