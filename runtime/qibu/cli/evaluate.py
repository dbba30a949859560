"""`qibu evaluate`: measure a model on the test data by stepping its file."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qibu.core.errors import InputError, ModelFileError
from qibu.data.registry import data_folder
from qibu.loading import load
from qibu.pictures.accuracy import measure_accuracy
from qibu.verse.novelty import CorpusLines
from qibu.verse.perplexity import measure_perplexity
from qibu.verse.poet import Poet
from qibu.verse.survey import survey


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu evaluate",
        description="Measure a model on the test split: the perplexity per character of a poem "
        "model and how many of its poems keep the rules, the accuracy of a digits model.",
    )
    parser.add_argument("task", choices=("poem", "digits"))
    parser.add_argument(
        "model", nargs="?", help="a bundled name or a file; default: the bundled one"
    )
    parser.add_argument(
        "--with",
        dest="hints",
        choices=("title", "author"),
        nargs="+",
        default=(),
        help="tell a poem model each poem's true title or author, the form being told always",
    )
    parser.add_argument(
        "--poems",
        type=int,
        default=1000,
        metavar="N",
        help="poem: write N poems by the rules and N without, and judge them; 0: none; "
        "default: 1000",
    )
    parser.add_argument("--from", dest="source", type=Path, help="folder of the data files")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--threads", type=int, default=1, help="default: 1")
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu evaluate`."""
    arguments = build_parser().parse_args(argv)
    model = arguments.model or arguments.task
    loaded = load(model, provider=arguments.provider, threads=arguments.threads)
    if isinstance(loaded, Poet) != (arguments.task == "poem"):
        raise ModelFileError(f"{model} is no {arguments.task} model")
    folder = data_folder("poems" if arguments.task == "poem" else "digits", arguments.source)
    figures: dict[str, Any]
    if isinstance(loaded, Poet):
        hints = arguments.hints
        figures = measure_perplexity(loaded, folder, hints=hints, progress=show_progress)
        if arguments.poems and not hints:
            corpus = CorpusLines.make(folder)
            figures["verse"] = survey(loaded, arguments.poems, corpus.holds, progress=show_progress)
    elif arguments.hints:
        raise InputError("--with tells of a poem: leave it out for digits")
    else:
        figures = measure_accuracy(loaded, folder, progress=show_progress)
    if arguments.json:
        print(json.dumps({"model": str(model), **figures}, ensure_ascii=False))
    elif arguments.task == "poem":
        print(
            f"perplexity per character {figures['perplexity']:.1f} "
            f"({figures['characters']:,} characters of {figures['poems']:,} test poems"
            f"{''.join(f', {hint} given' for hint in arguments.hints)})"
        )
        if "verse" in figures:
            print(f"\n{verse_table(figures['verse'])}")
    else:
        print(
            f"accuracy {figures['accuracy']:.2%} "
            f"({figures['right']:,} of {figures['pictures']:,} test pictures)"
        )
    return 0


# a figure of the survey: what it is called, and how it is written
_ROWS = {
    "poems": ("poems", "{:,}"),
    "form": ("exact form", "{:.1%}"),
    "rhyme": ("rhyme kept", "{:.1%}"),
    "tones": ("tone pattern kept", "{:.1%}"),
    "all": ("all rules kept", "{:.1%}"),
    "distinct_characters": ("distinct characters in a poem", "{:.1%}"),
    "line_twice": ("poems with a line twice", "{:.1%}"),
    "copied_lines_5": ("5-character lines in the corpus", "{:.1%}"),
    "copied_lines_7": ("7-character lines in the corpus", "{:.1%}"),
    "mean_log_probability": ("mean log-probability, nats a character", "{:.2f}"),
}


def verse_table(verse: Mapping[str, Mapping[str, float]]) -> str:
    """Lay the figures of `survey` out as a Markdown table."""
    rows = ["| of the poems | by the rules | the network alone |", "| --- | ---: | ---: |"]
    for name, (title, pattern) in _ROWS.items():
        values = [pattern.format(verse[kind][name]) for kind in ("rules", "free")]
        rows.append(f"| {title} | {' | '.join(values)} |")
    return "\n".join(rows)


def show_progress(done: int, total: int) -> None:
    """Show on a terminal's stderr how far the measurement is."""
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\rmeasured {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)
