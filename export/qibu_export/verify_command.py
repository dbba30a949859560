"""`qibu verify`: hold an existing model file against the run it came from."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from qibu.loading import model_path
from qibu_train.core.checkpoint import Checkpoint

from .core.export import verify_file


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu verify",
        description="Compare a model file with torch, whole and step by step; exit code 1 if "
        "they differ.",
    )
    parser.add_argument("model", help="a bundled name or a file")
    parser.add_argument(
        "--checkpoint", type=Path, required=True, help="folder of the run, or a checkpoint in it"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu verify`."""
    arguments = build_parser().parse_args(argv)
    print(verify_file(model_path(arguments.model), Checkpoint.load(arguments.checkpoint)))
    return 0
