"""Less working memory for generated C: values that live at different times share a place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod

from .c_values import SIZES, Source, Value

_LOCAL = re.compile(r"^\s+(\w+) \w+((?:\[\d+\])+)(?: = .*)?;")


@dataclass
class _Arena:
    """The array in which the values of one type lie."""

    placed: list[Value] = field(default_factory=list)
    size: int = 0

    def place(self, value: Value) -> None:
        """Give a value the first place that is free as long as it lives, or that it takes over."""
        beside = [v for v in self.placed if v.first <= value.last and value.first <= v.last]
        places = [0, *(v.place + v.count for v in beside)]
        places += [v.root.place + v.offset for v in value.over]
        value.place = min(p for p in places if all(_free(value, p, other) for other in beside))
        self.placed.append(value)
        self.size = max(self.size, value.place + value.count)


def _free(value: Value, place: int, other: Value) -> bool:
    """Tell whether a value may lie in a place although another, placed before, lives then."""
    return (
        place + value.count <= other.place
        or other.place + other.count <= place
        or (  # a result over an input of its call, which nothing reads any more
            other.last == value.first
            and any(v.root is other and other.place + v.offset == place for v in value.over)
        )
    )


def share_memory(text: str) -> tuple[str, int]:
    """Let the temporary values of the generated function share an array for each element type.

    One array a type, not one for all, since C lets no memory be read as two types.

    Returns:
        The new source, and how many bytes the arrays have, with the most that one node has itself.
    """
    source = Source.read(text)
    values = [value for value in source.values.values() if not value.given]
    arenas: dict[str, _Arena] = {}
    for value in sorted(values, key=lambda v: (-v.count, v.first)):  # small ones fit in gaps
        if value.root is value:
            arenas.setdefault(value.type, _Arena()).place(value)
    arrays = [f"    {kind} {kind}_values[{arena.size}];" for kind, arena in arenas.items()]
    made = [source.head, *arrays, *map(_declared, values), *source.body]
    shared = sum(SIZES[kind] * arena.size for kind, arena in arenas.items())
    return "\n".join(made), shared + _most_of_a_node(source.head.split("\n"))


def _declared(value: Value) -> str:
    """Declare a pointer to where a value lies."""
    const = "const " if value.root.given else ""
    rows = "".join(f"[{size}]" for size in value.shape[1:])
    where = value.root.name if value.root.given else f"{value.type}_values"
    if value.root.given and len(value.root.shape) > 1:
        where = f"(const {value.type} *){where}"
    name = f"(*const {value.name}){rows}" if rows else f"*const {value.name}"
    cast = f"({const}{value.type} (*){rows})" if rows else ""
    return f"    {const}{value.type} {name} = {cast}({where} + {value.root.place + value.offset});"


def _most_of_a_node(lines: Iterable[str]) -> int:
    """Give the bytes of the arrays inside the function that has most of them."""
    most = own = 0
    for line in lines:
        if line.startswith("}"):
            most, own = max(most, own), 0
        elif (match := _LOCAL.match(line)) and match[1] in SIZES:
            own += SIZES[match[1]] * prod(map(int, re.findall(r"\d+", match[2])))
    return most
