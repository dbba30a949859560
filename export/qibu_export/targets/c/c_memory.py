"""Less working memory for generated C: values that live at different times share a place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod

# as the generator writes them: `    float tmp7_sum[1][1][512];`, `    node7_sum(tmp6_x, tmp7_sum);`
_DECLARATION = re.compile(r"^    (\w+) (tmp\d+\w*)((?:\[\d+\])+);$")
_VALUE = re.compile(r"\btmp\d+\w*")
_LOCAL = re.compile(r"^\s+(\w+) \w+((?:\[\d+\])+)(?: = .*)?;")
SIZES = {"float": 4, "double": 8, "bool": 1} | {
    f"{sign}int{bits}_t": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)
}


@dataclass
class _Value:
    type: str
    name: str
    shape: str
    first: int = -1  # the lines that use it
    last: int = -1
    place: int = 0  # in its type's array

    @property
    def count(self) -> int:
        return prod(map(int, re.findall(r"\d+", self.shape)))

    @property
    def line(self) -> str:
        rows = re.sub(r"^\[\d+\]", "", self.shape)
        kind = (
            f"{self.type} (*const {self.name}){rows}" if rows else f"{self.type} *const {self.name}"
        )
        cast = f"({self.type} (*){rows})" if rows else ""
        return f"    {kind} = {cast}({self.type}_values + {self.place});"


@dataclass
class _Arena:
    """The array in which the values of one type lie."""

    placed: list[_Value] = field(default_factory=list)
    size: int = 0

    def place(self, value: _Value) -> None:
        """Give a value the first place that is free as long as it lives."""
        beside = sorted(
            (v for v in self.placed if v.first <= value.last and value.first <= v.last),
            key=lambda v: v.place,
        )
        for other in beside:
            if value.place + value.count <= other.place:
                break
            value.place = max(value.place, other.place + other.count)
        self.placed.append(value)
        self.size = max(self.size, value.place + value.count)


def share_memory(source: str) -> tuple[str, int]:
    """Let the temporary values of the generated function share an array for each element type.

    One array a type, not one for all, since C lets no memory be read as two types.

    Returns:
        The new source, and how many bytes the arrays have, with the most that one node has itself.
    """
    lines = source.split("\n")
    values = {
        match[2]: _Value(match[1], match[2], match[3])
        for match in map(_DECLARATION.match, lines)
        if match and match[1] in SIZES
    }
    for number, line in enumerate(lines):
        if not _DECLARATION.match(line):
            _note(values, _VALUE.findall(line), number)
    arenas: dict[str, _Arena] = {}
    for value in sorted(values.values(), key=lambda v: v.first):
        arenas.setdefault(value.type, _Arena()).place(value)
    made, declared = [], False
    for line in lines:
        match = _DECLARATION.match(line)
        if not match or match[2] not in values:
            made.append(line)
            continue
        if not declared:
            made += [f"    {kind} {kind}_values[{arena.size}];" for kind, arena in arenas.items()]
            declared = True
        made.append(values[match[2]].line)
    shared = sum(SIZES[kind] * arena.size for kind, arena in arenas.items())
    return "\n".join(made), shared + _most_of_a_node(lines)


def _most_of_a_node(lines: Iterable[str]) -> int:
    """Give the bytes of the arrays inside the function that has most of them."""
    most = own = 0
    for line in lines:
        if line.startswith("}"):
            most, own = max(most, own), 0
        elif (match := _LOCAL.match(line)) and match[1] in SIZES and "tmp" not in line:
            own += SIZES[match[1]] * prod(map(int, re.findall(r"\d+", match[2])))
    return most


def _note(values: dict[str, _Value], names: Iterable[str], number: int) -> None:
    for name in names:
        if name in values:
            value = values[name]
            value.first = number if value.first < 0 else value.first
            value.last = number
