"""`qibu inspect`: show what a model file says of itself."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qibu.core.errors import ModelFileError
from qibu.core.model_file import KEY, ModelSpec
from qibu.core.pairing import find_pairs
from qibu.core.port import Port
from qibu.core.providers import open_session
from qibu.loading import model_path
from qibu.quality.card import model_card
from qibu.quality.catalogue import read_spec


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu inspect",
        description="Show a model's inputs, outputs, states and record; any ONNX file will do.",
    )
    parser.add_argument("model", help="a bundled name or a file")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one JSON object")
    how.add_argument(
        "--card", action="store_true", help="print a card in Markdown: data, figures, limits, use"
    )
    return parser


def describe(path: Path) -> dict[str, Any]:
    """Give everything that a file tells without being stepped.

    Raises:
        ModelFileError: it is no ONNX model, or its metadata is broken.
    """
    session = open_session(path)
    inputs = [Port(argument) for argument in session.get_inputs()]
    outputs = [Port(argument) for argument in session.get_outputs()]
    meta = session.get_modelmeta()
    document = meta.custom_metadata_map.get(KEY)
    description: dict[str, Any] = {
        "file": str(path),
        "bytes": path.stat().st_size,
        "producer": meta.producer_name,
    }
    if document is not None:
        spec = ModelSpec.from_json(document)
        pairs = spec.states
        known = json.loads(document)
        vocabulary = known.pop("vocabulary")
        if vocabulary:
            known["vocabulary"] = {
                "controls": vocabulary["controls"],
                "characters": len(vocabulary["characters"]),
            }
        known.pop("states")
        description["qibu"] = known
    else:
        try:
            pairs = find_pairs(inputs, outputs)
        except ModelFileError as error:
            pairs, description["no_state"] = (), str(error)
    carried = {name for pair in pairs for name in (pair.input, pair.output)}
    description["states"] = [
        {"input": p.input, "output": p.output, "shape": _sizes(p.shape), "type": p.dtype}
        for p in pairs
    ]
    for kind, ports in (("inputs", inputs), ("outputs", outputs)):
        description[kind] = [
            {"name": port.name, "type": port.type, "shape": _sizes(port.shape)}
            for port in ports
            if port.name not in carried
        ]
    return description


def _sizes(shape: Sequence[int | None]) -> list[int | str]:
    return ["any" if size is None else size for size in shape]


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


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu inspect`."""
    arguments = build_parser().parse_args(argv)
    path = model_path(arguments.model)
    if arguments.card:
        print(model_card(arguments.model, read_spec(path), path.stat().st_size), end="")
        return 0
    description = describe(path)
    if arguments.json:
        print(json.dumps(description, ensure_ascii=False))
    else:
        print("\n".join(_lines(description)))
    return 0
