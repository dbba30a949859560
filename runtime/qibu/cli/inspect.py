"""`qibu inspect`: show what a model file says of itself."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from qibu.bundled import model_path
from qibu.core.description import describe_path, parse_states


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu inspect",
        description="Show a model's states, inputs, outputs and record, and the command that steps "
        "it; any ONNX file will do.",
    )
    parser.add_argument("model", help="a bundled name or a file")
    parser.add_argument(
        "--states",
        nargs="+",
        metavar="INPUT=OUTPUT",
        help="what is state, where the names leave a doubt",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one JSON object")
    how.add_argument(
        "--card", action="store_true", help="print a card in Markdown: data, figures, limits, use"
    )
    return parser


def _lines(value: Mapping[str, Any], indent: str = "") -> list[str]:
    """Lay a mapping out as indented text."""
    lines = []
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            lines += [f"{indent}{name}:", *_lines(item, indent + "  ")]
        elif isinstance(item, list) and item and isinstance(item[0], Mapping):
            lines.append(f"{indent}{name}:")
            lines += [f"{indent}  " + "  ".join(map(str, entry.values())) for entry in item]
        elif item not in (None, [], {}, ""):
            text = " ".join(map(str, item)) if isinstance(item, list) else str(item)
            lines.append(f"{indent}{name}: {text}")
    return lines


def _shown(description: Mapping[str, Any]) -> dict[str, Any]:
    """Give a description as people read it: a line a state and a port, the command at the end."""
    shown = dict(description)
    shown["states"] = [
        {"in": s["input"], "out": s["output"], "shape": _sizes(s["shape"]), "type": s["type"]}
        for s in description["states"]
    ]
    for kind in ("inputs", "outputs"):
        shown[kind] = [{**port, "shape": _sizes(port["shape"])} for port in description[kind]]
    shown["operators"] = [f"{name}×{count}" for name, count in description["operators"].items()]
    command = shown.pop("step")
    return {**shown, "to step it": command}


def _sizes(shape: Sequence[int | str]) -> str:
    return f"[{', '.join(map(str, shape))}]"


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu inspect`."""
    arguments = build_parser().parse_args(argv)
    path = model_path(arguments.model)
    if arguments.card:
        from qibu.quality.card import model_card  # only here: it reads the file's application
        from qibu.quality.catalogue import read_spec

        print(model_card(arguments.model, read_spec(path), path.stat().st_size), end="")
        return 0
    description = describe_path(path, states=parse_states(arguments.states))
    if arguments.json:
        print(json.dumps(description, ensure_ascii=False))
    else:
        print("\n".join(_lines(_shown(description))))
    return 0
