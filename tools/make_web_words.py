"""Make the words of ports' names for the module in JavaScript, as Python has them.

python tools/make_web_words.py
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qibu.core import axes, evidence, leftovers, matching, names, nouns

TARGET = Path(__file__).parents[1] / "runtime" / "web" / "qibu" / "core" / "words_of_ports.js"

WORDS: Mapping[str, Any] = {
    "PLACE_IN": names.PLACE["in"],
    "PLACE_OUT": names.PLACE["out"],
    "MOMENT_IN": names.MOMENT["in"],
    "MOMENT_OUT": names.MOMENT["out"],
    "SHORT": names.SHORT,
    "STEMS": names._STEMS,
    "LETTERS_GLUED": names._LETTERS,
    "PLURALS": names._PLURALS,
    "LAYERS": names._LAYERS,
    "ALWAYS": nouns.ALWAYS,
    "STATE": nouns.STATE,
    "LETTERS": nouns.LETTERS,
    "SUPPORTED": nouns.SUPPORTED,
    "COUNTERS": nouns.COUNTERS,
    "CARRIED": nouns.CARRIED,
    "PLACES": nouns.PLACES,
    "PARTS": nouns.PARTS,
    "SETTINGS": nouns.SETTINGS,
    "DATA": nouns.DATA,
    "CONSTANT": nouns.CONSTANT,
    "KEYS": nouns.KEYS,
    "HOLDERS": matching._HOLDERS,
    "SAME": matching._SAME,
    "ROTARY": evidence._ROTARY,
    "PLAIN": evidence._PLAIN,
    "CELLS": evidence._CELLS,
    "STEP_IN": leftovers._STEP["in"],
    "STEP_OUT": leftovers._STEP["out"],
    "BATCH": axes._BATCH,
    "TIME": axes._TIME,
}


def web_words() -> str:
    """Give what stands in the file."""
    lines = ["/** The words in ports' names; made of Python's by tools/make_web_words.py. */", ""]
    for name, value in WORDS.items():
        listed = sorted(value) if isinstance(value, set | frozenset) else value
        text = json.dumps(listed, ensure_ascii=False)
        if isinstance(value, Mapping):
            lines.append("/** @type {Readonly<Record<string, string>>} */")
        made = text if isinstance(value, Mapping | str | tuple) else f"new Set({text})"
        lines.append(f"export const {name} = {made};")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(web_words(), "utf-8")
    print(TARGET)
