"""`qibu models`: the bundled models in one table."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from qibu.quality.catalogue import Entry, catalogue


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu models",
        description="List the models that come with the package; `qibu.load` and every command "
        "take their names.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a model")
    return parser


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        entry.name,
        entry.task,
        entry.shape,
        "" if entry.parameters is None else f"{entry.parameters:,}",
        f"{entry.bytes / 1e6:.1f} MB",
        entry.quality,
        entry.quantization or "float32",
    )


def table(entries: Sequence[Entry]) -> str:
    """Lay entries out as a Markdown table whose columns stand under each other."""
    head = ("name", "task", "cell", "parameters", "file", "figure on the test split", "numbers")
    rows = [head, *map(_cells, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    right = {3, 4}

    def line(row: Sequence[str]) -> str:
        cells = [
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    rule = ["-" * (width - 1) + (":" if i in right else "-") for i, width in enumerate(widths)]
    return "\n".join([line(head), line(rule), *map(line, rows[1:])])


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu models`."""
    arguments = build_parser().parse_args(argv)
    entries = catalogue()
    if arguments.json:
        for entry in entries:
            print(json.dumps(asdict(entry), ensure_ascii=False))
    else:
        print(table(entries))
    return 0
