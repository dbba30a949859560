"""Names of C for what a graph calls as it likes: `x.1`, `serving_default_x:0`, `float`."""

import json
import re
from collections.abc import Iterable

# words of C99, macros of its headers, and what the generated programs call their own
_TAKEN = """
auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void
volatile while bool true false asm typeof main errno assert NULL EOF INFINITY NAN HUGE_VAL I complex
imaginary stdin stdout stderr idx_t isnan isinf signbit before after states state last status step
steps limit line text count left rest turn built worst worst_state
"""
TAKEN = frozenset(_TAKEN.split())
_MACRO = re.compile(r"(_?[A-Z0-9_]+_(MAX|MIN|C)|PRI\w+|SCN\w+|QIBU\w*|EMX\w*|qibu\w*)$")


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """Give each name an identifier of its own, as like it as C lets."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"_{2,}", "_", re.sub(r"[^A-Za-z0-9_]", "_", name)).strip("_") or "value"
        if plain[0].isdigit():
            plain = f"n{plain}"
        if plain in TAKEN or _MACRO.match(plain):
            plain = f"{plain}_"
        free, number = plain, 2
        while free in found.values():
            free, number = f"{plain}_{number}", number + 1
        found[name] = free
    return found


def quoted(text: str) -> str:
    """Write a text as C does, in UTF-8."""
    # JSON's escapes are C's but for \u00XX
    written = re.sub(r"\\(u[0-9a-f]{4}|.)", _escape, json.dumps(text, ensure_ascii=False))
    return written.replace("?", r"\?") if "??" in text else written  # which may be a trigraph


def _escape(match: re.Match[str]) -> str:
    return f"\\{int(match[1][1:], 16):03o}" if match[1].startswith("u") else match[0]


def in_comment(text: str) -> str:
    """Give a text as it may stand within a comment, on one line."""
    return " ".join(text.split()).replace("*/", "* /").replace("/*", "/ *")
