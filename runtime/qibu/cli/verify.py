"""`qibu verify`: prove on this machine that a model file computes what was trained."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from qibu.bundled import model_path
from qibu.core.golden_trace import check_own_trace
from qibu.core.stepper import Stepper


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu verify",
        description="Hold a model file to the trace that it carries, without torch; with "
        "--checkpoint compare it with torch, whole and step by step. Exit code 1 if they differ.",
    )
    parser.add_argument("model", help="a bundled name or a file")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        help="folder of the run that it came from, or a checkpoint in it; needs qibu[export]",
    )
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu verify`."""
    arguments = build_parser().parse_args(argv)
    path = model_path(arguments.model, arguments.provider)
    if arguments.checkpoint is not None:
        print(import_module("qibu_export.verify_command").verify(path, arguments.checkpoint))
        return 0
    print(check_own_trace(Stepper(path, provider=arguments.provider)))
    return 0
