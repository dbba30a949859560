"""Graphs in a line, `x[1,4] h[b,64] -> y[1,2] hn[b,64]`, and collections of them in names/."""

import re
from pathlib import Path

from qibu.core.port import Axis, Port

Graph = tuple[list[Port], list[Port]]

_PORT = re.compile(r"(\S+?)\[([^\]]*)\](\w*)")
_TYPES = {"": "float", "i": "int64", "i32": "int32", "half": "float16"}


def ports(line: str) -> list[Port]:
    """Read ports: name[axes]type, an axis a size, a symbol, or ? for a free one without."""
    return [
        Port(
            name, f"tensor({_TYPES.get(kind, kind)})", tuple(map(_axis, re.findall(r"[^,]+", axes)))
        )
        for name, axes, kind in _PORT.findall(line)
    ]


def graph(line: str) -> Graph:
    """Read a graph's inputs and outputs."""
    before, after = line.split("->")
    return ports(before), ports(after)


def _axis(text: str) -> Axis:
    return None if text == "?" else int(text) if text.isdecimal() else text


def collection(name: str) -> dict[str, tuple[Graph, str]]:
    """Read names/NAME.txt: graph and what is expected of it, by its title or itself."""
    text = Path(__file__).with_name("names").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    found = {}
    for block in text.strip().split("\n\n")[1:]:
        title, line, wanted = re.fullmatch(
            r"(?:# (.*)\n)?([^=!]*?)(?:\n[=!] ((?:.|\n)*))?", block
        ).groups()  # type: ignore[union-attr]
        found[title or " ".join(line.split())] = (graph(line), wanted or "")
    return found
