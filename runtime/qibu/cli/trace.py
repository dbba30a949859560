"""`qibu trace`: note what a model computes, or hold a model to such a note."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qibu.bundled import MODELS
from qibu.core.errors import InputError
from qibu.core.files import atomic_path
from qibu.loading import load
from qibu.quality.trace import make_trace
from qibu.quality.trace_check import check_trace


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu trace",
        description="Write down what a model computes, step by step, to hold another language, "
        "machine or provider to it.",
    )
    parser.add_argument("model", help="a bundled name or a file")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--out", type=Path, metavar="FILE", help="the JSON to write; default: stdout")
    task.add_argument(
        "--check",
        type=Path,
        metavar="FILE",
        help="hold the model to a trace instead; exit code 1 if it computes something else",
    )
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def layout(trace: Any) -> str:
    """Give the JSON with a line a step, so that two traces can be compared by eye."""
    if isinstance(trace, dict) and ("steps" in trace or "sequences" in trace or "rows" in trace):
        lines = ",\n".join(f"{json.dumps(key)}: {layout(value)}" for key, value in trace.items())
        return f"{{\n{lines}\n}}"
    if isinstance(trace, list) and trace and isinstance(trace[0], list | dict | str):
        return "[\n" + ",\n".join(map(layout, trace)) + "\n]"
    return json.dumps(trace, ensure_ascii=False)


def file_name(path: Path) -> str:
    """Give the name by which a trace calls a file: within the bundled models, or its last part."""
    path = path.resolve()
    return path.relative_to(MODELS).as_posix() if path.is_relative_to(MODELS) else path.name


def read(path: Path) -> Any:
    """Read a trace.

    Raises:
        InputError: the file is missing or isn't JSON.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} is no trace: {error}; make one with `qibu trace MODEL --out {path}`"
        ) from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu trace`."""
    arguments = build_parser().parse_args(argv)
    model = load(arguments.model, provider=arguments.provider)
    if arguments.check:
        print(check_trace(model, read(arguments.check)))
        return 0
    text = layout(make_trace(model, file_name(model.stepper.path))) + "\n"
    if arguments.out is None:
        print(text, end="")
        return 0
    with atomic_path(arguments.out) as temporary:
        temporary.write_text(text, "utf-8")
    return 0
