"""The values of generated C: where each comes from, and from which call to which it lives.

Read off the source as the generator writes it: declarations, calls, what each function says of its
node. What only names another value anew, or a part of it, is a view, and needs no call.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

# `    float tmp7_sum[1][1][512];`, `    node7_sum(tmp6_x, tmp7_sum);`
_DECLARATION = re.compile(r"^    (\w+) (tmp\d+\w*)((?:\[\d+\])+);$")
_CALL = re.compile(r"^    (node\d+\w*)\((.*)\);$")
_FUNCTION = re.compile(
    r"^/\*\n \* Node \d+:\n \* OpType: (\w+)\n(?: \*.*\n)* \*/\n"
    r".* (node\d+\w*)\(.*\n(?:.*\n)*?\}\n\n?",
    re.MULTILINE,
)
_STEP = re.compile(r"^void \w+\((.*)\) \{$")
_PARAMETER = re.compile(r"(\w+) (\w+)((?:\[(?:restrict )?\d+\])+)")
SIZES = {"float": 4, "double": 8, "bool": 1} | {
    f"{sign}int{bits}_t": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)
}
COPIES = {"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Split"}
# they read nothing of an input that they have already written over, if it has as many values
ELEMENTWISE = {"Add", "Sub", "Mul", "Div", "Neg", "Clip", "Relu", "Sigmoid", "Tanh"}


@dataclass
class Value:
    """One array: of a parameter, of a call's result, or a view of one of these."""

    type: str
    name: str
    shape: tuple[int, ...]
    given: bool = False  # a parameter
    source: "Value | None" = None  # of a view
    begin: int = 0  # of a view: in its source
    place: int = 0  # of what is none: in its type's array
    first: int = -1  # the calls that use it
    last: int = -1
    over: list["Value"] = field(default_factory=list)  # that it may be written over

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)

    @property
    def root(self) -> "Value":
        """What it is a view of in the end; itself if it is none."""
        return self.source.root if self.source else self

    @property
    def offset(self) -> int:
        """Where it begins in its root."""
        return self.begin + (self.source.offset if self.source else 0)

    def overlaps(self, other: "Value") -> bool:
        """Tell whether views of one root have a part of it in common."""
        ahead = self.offset + self.count <= other.offset
        return not ahead and not other.offset + other.count <= self.offset


@dataclass
class Source:
    """Generated C, parted where the step's function declares its values.

    Attributes:
        head: what stands before.
        body: what stands behind, without calls that only make views.
        values: all that the body names, by name, in their order.
    """

    head: str
    body: list[str]
    values: dict[str, Value]

    @classmethod
    def read(cls, text: str) -> "Source":
        """Read what the generator wrote."""
        lines = text.split("\n")
        declared = [bool(_of_known_type(line)) for line in lines]
        begin = declared.index(True) if True in declared else len(lines)
        head = "\n".join(lines[:begin])
        kinds = {match[2]: match[1] for match in _FUNCTION.finditer(head)}
        values = {value.name: value for value in _values(lines)}
        body: list[str] = []
        dropped: set[str] = set()
        for line, is_declaration in zip(lines[begin:], declared[begin:], strict=True):
            call = _CALL.match(line)
            if call and kinds.get(call[1]) in COPIES and _become_views(call[2], values):
                dropped.add(call[1])
            elif not is_declaration:
                body.append(line)
        head = _FUNCTION.sub(lambda match: "" if match[2] in dropped else match[0], head)
        _find_lives(body, values, kinds)
        return cls(head, body, {name: v for name, v in values.items() if v.last >= 0})


def _of_known_type(line: str) -> "re.Match[str] | None":
    match = _DECLARATION.match(line)
    return match if match and match[1] in SIZES else None


def _values(lines: list[str]) -> Iterator[Value]:
    step = [match[1] for match in map(_STEP.match, lines) if match]
    for kind, name, shape in _PARAMETER.findall(step[-1]) if step else ():
        yield Value(kind, name, _shape(shape), given=True)
    for match in filter(None, map(_of_known_type, lines)):
        yield Value(match[1], match[2], _shape(match[3]))


def _shape(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _become_views(arguments: str, values: Mapping[str, Value]) -> bool:
    """Make what a copying call gives views of what it is given, if it lies there in one piece."""
    source, *made = (values.get(name) for name in arguments.split(", "))
    if source is None or not made or any(value is None or value.given for value in made):
        return False
    parts = [value for value in made if value is not None]
    if sum(value.count for value in parts) != source.count or not _in_pieces(source, parts):
        return False
    for number, value in enumerate(parts):
        value.source = source
        value.begin = sum(part.count for part in parts[:number])
    return True


def _in_pieces(source: Value, parts: list[Value]) -> bool:
    """Tell whether the parts lie one after the other."""
    if len(parts) == 1:
        return True
    axis = next(axis for axis, size in enumerate(source.shape) if parts[0].shape[axis] != size)
    return prod(source.shape[:axis]) == 1


def _find_lives(body: list[str], values: Mapping[str, Value], kinds: Mapping[str, str]) -> None:
    for number, line in enumerate(body):
        used = [values[name] for name in re.findall(r"\w+", line) if name in values]
        for value in (v for u in used for v in (u, u.root)):
            value.first = number if value.first < 0 else value.first
            value.last = number
        call = _CALL.match(line)
        if call and kinds.get(call[1]) in ELEMENTWISE:
            *given, made = used
            made.over = [value for value in given if _may_be_over(made, value, given)]


def _may_be_over(made: Value, value: Value, given: list[Value]) -> bool:
    """Tell whether an elementwise result may lie over an input, as far as the others go."""
    fits = value.type == made.type and value.count == made.count and not value.root.given
    beside = [other for other in given if other.root is value.root and other.overlaps(value)]
    return fits and all((v.offset, v.count) == (value.offset, value.count) for v in beside)
