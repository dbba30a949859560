"""The pages, cut into their blocks of code, and the console blocks into commands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "README.zh-CN.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"\s{2,}#\s.*$")


@dataclass(frozen=True)
class Block:
    """Code between fences; `line` is that of its first line of code."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """What stands after a `$`, and the lines below it, which it prints."""

    text: str
    prints: tuple[str, ...]
    line: int

    @property
    def name(self) -> str:
        """The command without its remark, and without the folder that a page runs it from."""
        return _COMMENT.sub("", self.text).removeprefix(".venv/bin/")


def blocks_of(page: Path) -> list[Block]:
    """Give the blocks of a page, from its top."""
    text = page.read_text("utf-8")
    return [
        Block(match[1], match[2], text.count("\n", 0, match.start(2)) + 1)
        for match in _BLOCK.finditer(text)
    ]


def commands_of(block: Block) -> Iterator[Command]:
    """Give the commands of a console block; a line that ends in a backslash goes on."""
    lines = iter(enumerate(block.text.splitlines(), block.line))
    text, prints, first = "", list[str](), 0
    for number, line in lines:
        if not line.startswith("$ "):
            prints.append(line)
            continue
        if text:
            yield Command(text, tuple(prints), first)
        text, prints, first = line[2:], [], number
        while text.endswith("\\"):
            text += "\n" + next(lines)[1]
    if text:
        yield Command(text, tuple(prints), first)
