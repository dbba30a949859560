"""`qibu digit`: read handwritten digits, or what an own model knows in pictures."""

import argparse
import json
from collections.abc import Sequence

from qibu.cli.other_kinds import of_another_kind
from qibu.loading import load
from qibu.pictures.reader import Reader


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu digit",
        description="Read one handwritten digit in each picture, row by row from the top; with a "
        "model of your own pictures, say which of its classes each one shows.",
    )
    parser.add_argument(
        "pictures", nargs="+", metavar="FILE", help="PNG or JPEG of any size, dark on light or not"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a picture")
    parser.add_argument(
        "--model", default="digits", help="a bundled name or a file; default: digits"
    )
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu digit`."""
    arguments = build_parser().parse_args(argv)
    reader = load(arguments.model, provider=arguments.provider)
    if not isinstance(reader, Reader):
        raise of_another_kind(reader, arguments.model)
    for path in arguments.pictures:
        reading = reader.read(reader.read_picture(path))
        probability = float(reading.probabilities[reading.index])
        if arguments.json:
            result = {
                "file": path,
                "label": reading.label,
                "digit": reading.digit,
                "probabilities": reading.probabilities.tolist(),
                "rows": None if reading.rows is None else reading.rows.tolist(),
                "model": str(arguments.model),
                "provider": reader.stepper.provider,
            }
            print(json.dumps(result, ensure_ascii=False))
        else:
            print(f"{reading.label}  {probability:.3f}  {path}", flush=True)
    return 0
