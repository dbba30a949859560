"""Checking a JSON document by a JSON Schema, as far as the schemas of this project go.

The keywords are those of https://json-schema.org/draft/2020-12 that stand in `_KEYWORDS`; a schema
with another one is a mistake of ours.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any

from .errors import ModelFileError

_NOTES = {"$schema", "$defs", "title", "description"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@cache
def read_schema(package: str, name: str) -> Mapping[str, Any]:
    """Read a schema that lies in a package."""
    schema: Mapping[str, Any] = json.loads((files(package) / name).read_text("utf-8"))
    return schema


def check_schema(value: Any, schema: Mapping[str, Any], where: str) -> None:
    """Hold a value against a schema.

    Args:
        value: what `json.loads` gave.
        schema: a whole schema, its `$defs` included.
        where: what the value is called in an error.

    Raises:
        ModelFileError: names the place, what was found there and what was wanted.
    """
    trouble = _trouble(value, schema, schema, where)
    if trouble is not None:
        raise ModelFileError(trouble)


def _trouble(
    value: Any, part: Mapping[str, Any], root: Mapping[str, Any], where: str
) -> str | None:
    """Say what is wrong with a value; None: nothing is."""
    for keyword, wanted in part.items():
        if keyword in _NOTES:
            continue
        trouble: str | None = _KEYWORDS[keyword](value, wanted, root, where)
        if trouble is not None:
            return trouble
    return None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _type(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    names = [wanted] if isinstance(wanted, str) else wanted
    for name in names:
        # a bool is an int to Python, not to JSON; and 1e999 is infinite
        if isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool)):
            if isinstance(value, float) and not isfinite(value):
                break
            return None
    return f"{where} must be {' or '.join(names)}, got {_shown(value)}"


def _reference(value: Any, wanted: str, root: Mapping[str, Any], where: str) -> str | None:
    return _trouble(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, where)


def _const(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    return None if value == wanted else f"{where} must be {_shown(wanted)}, got {_shown(value)}"


def _enum(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    if value in wanted:
        return None
    return f"{where} must be one of {', '.join(map(str, wanted))}, got {_shown(value)}"


def _any_of(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    troubles = [_trouble(value, part, root, where) for part in wanted]
    return None if None in troubles else " or ".join(str(trouble) for trouble in troubles)


def _required(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    missing = [name for name in wanted if isinstance(value, dict) and name not in value]
    return f"{where} lacks {missing[0]!r}" if missing else None


def _properties(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    if isinstance(value, dict):
        for name, part in wanted.items():
            if name in value and (t := _trouble(value[name], part, root, f"{where}.{name}")):
                return t
    return None


def _additional(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    # only for mappings whose every value is of one kind: no `properties` stand beside it here
    if isinstance(value, dict):
        for name, item in value.items():
            if trouble := _trouble(item, wanted, root, f"{where}.{name[:60]}"):
                return trouble
    return None


def _items(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    if isinstance(value, list):
        for number, item in enumerate(value):
            if trouble := _trouble(item, wanted, root, f"{where}[{number}]"):
                return trouble
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _minimum(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    if _is_number(value) and not value >= wanted:
        return f"{where} must be at least {wanted}, got {_shown(value)}"
    return None


def _maximum(value: Any, wanted: Any, root: Any, where: str) -> str | None:
    if _is_number(value) and not value <= wanted:
        return f"{where} must be at most {wanted}, got {_shown(value)}"
    return None


def _at_least(kind: type, unit: str) -> Any:
    def check(value: Any, wanted: Any, root: Any, where: str) -> str | None:
        if isinstance(value, kind) and len(value) < wanted:  # type: ignore[arg-type]
            return f"{where} must have at least {wanted} {unit}, got {_shown(value)}"
        return None

    return check


def _at_most(kind: type, unit: str) -> Any:
    def check(value: Any, wanted: Any, root: Any, where: str) -> str | None:
        if isinstance(value, kind) and len(value) > wanted:  # type: ignore[arg-type]
            return f"{where} must have at most {wanted} {unit}, got {len(value)}"  # type: ignore[arg-type]
        return None

    return check


def _pattern(value: Any, wanted: str, root: Any, where: str) -> str | None:
    # JSON Schema's $ is the end of the text, Python's also stands before a last line break
    if isinstance(value, str) and not re.search(wanted.replace("$", r"\Z"), value):
        return f"{where} must match {wanted}, got {_shown(value)}"
    return None


_KEYWORDS: Mapping[str, Any] = {
    "$ref": _reference,
    "type": _type,
    "const": _const,
    "enum": _enum,
    "anyOf": _any_of,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "minimum": _minimum,
    "maximum": _maximum,
    "minItems": _at_least(list, "items"),
    "maxItems": _at_most(list, "items"),
    "minLength": _at_least(str, "characters"),
    "maxLength": _at_most(str, "characters"),
    "pattern": _pattern,
}
