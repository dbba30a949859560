"""`qibu evaluate`: measure a model on the test data by stepping its file."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from qibu.cli.progress import report_to
from qibu.core.errors import ModelFileError
from qibu.loading import load
from qibu.quality.kind import qualities, quality_of

QUALITIES = {quality.command: quality for quality in qualities()}


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu evaluate",
        description="Measure a model on the test split: the perplexity per character of a poem "
        "model and how many of its poems keep the rules, the accuracy of a digits model, the bits "
        "per character of a text model on a text of yours.",
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar=f"{{{','.join(QUALITIES)}}}")
    for command, quality in QUALITIES.items():
        kind = kinds.add_parser(command, help=f"its {quality.figure}")
        if quality.dataset is None:  # nor is a model of it bundled
            kind.add_argument("model", help="a file")
            told = "what it is measured on"
        else:
            what = "a bundled name or a file; default: %(default)s"
            kind.add_argument("model", nargs="?", default=command, help=what)
            told = "folder of the data files"
        quality.evaluation.add_options(kind)
        needed = quality.dataset is None
        kind.add_argument("--from", dest="source", type=Path, required=needed, help=told)
        kind.add_argument("--json", action="store_true", help="print one JSON object")
        kind.add_argument("--threads", type=int, default=1, help="default: 1")
        kind.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu evaluate`."""
    arguments = build_parser().parse_args(argv)
    quality = QUALITIES[arguments.kind]
    model = load(arguments.model, provider=arguments.provider, threads=arguments.threads)
    spec = getattr(model, "stepper", model).spec
    if quality_of(spec, arguments.model) is not quality:
        raise ModelFileError(f"{arguments.model} is no {arguments.kind} model")
    folder = quality.data_of(model, arguments.source)
    figures = quality.evaluation.run(model, folder, arguments, report_to("measured"))
    if arguments.json:
        print(json.dumps({"model": str(arguments.model), **figures}, ensure_ascii=False))
    else:
        print(quality.evaluation.show(figures, arguments))
    return 0
