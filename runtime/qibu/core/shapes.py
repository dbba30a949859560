"""Pairing by shape alone, where an exporter's names tell nothing."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from .matching import fits_exactly
from .names import Side, is_nobodys, readings
from .nouns import has_state_noun
from .port import Port


def looks_like_state(port: Port, side: Side) -> bool:
    """Say whether a name has a state's noun, directions aside."""
    return any(
        has_state_noun(reading.words, reading.indices) or _says_past(reading.directions)
        for reading in readings(port.name, side)
        if not reading.glued or not reading.directions
    )


def _says_past(directions: Sequence[str]) -> bool:
    return "past" in directions or "present" in directions


def pairs_by_shape(
    inputs: Sequence[Port], outputs: Sequence[Port], chosen: Mapping[str, str]
) -> dict[str, str]:
    """Pair what names leave open and exactly one output fits.

    Either one name is a state's and the other nobody's, or all names are nobody's and no state
    has been found by name: then the graph's first input is the data.
    """
    ins = [port for port in inputs if port.name not in chosen]
    outs = [port for port in outputs if port.name not in chosen.values()]
    found = {a.name: b.name for a, b in _alone(ins, outs) if _one_is_a_state(a, b)}
    if len(found) == len(outs):
        found = {}  # what is left would give nothing
    return found if chosen or found else _unnamed(ins, outs)


def _alone(ins: Sequence[Port], outs: Sequence[Port]) -> list[tuple[Port, Port]]:
    """Give each input and output that have their type and axes for themselves."""
    like_in = Counter((port.type, port.axes) for port in ins)
    like_out = {(port.type, port.axes): port for port in outs}
    count = Counter((port.type, port.axes) for port in outs)
    return [
        (a, like_out[kind])
        for a in ins
        if like_in[kind := (a.type, a.axes)] == 1 and count[kind] == 1
    ]


def _one_is_a_state(a: Port, b: Port) -> bool:
    return (looks_like_state(a, "in") and is_nobodys(b.name)) or (
        is_nobodys(a.name) and looks_like_state(b, "out")
    )


def _unnamed(ins: Sequence[Port], outs: Sequence[Port]) -> dict[str, str]:
    if len(ins) < 2:
        return {}
    data = ins[0]
    others = [port for port in ins[1:] if is_nobodys(port.name)]
    given = [port for port in outs if is_nobodys(port.name)]
    pairs = _alone(others, outs) or _alone_by_number(others, given)
    pairs = [(a, b) for a, b in pairs if b in given]
    pairs = [(a, b) for a, b in pairs if _unlike(a, data, outs) and not _contradict(a, b)]
    paired, outputs = [a for a, _ in pairs], [b for _, b in pairs]
    rest = [b for b in outs if b not in outputs]
    # two more of one shape are states too for all we know
    torn = any(fits_exactly(a, b) for a in others if a not in paired for b in rest)
    return {a.name: b.name for a, b in pairs} if rest and not torn else {}


def _alone_by_number(ins: Sequence[Port], outs: Sequence[Port]) -> list[tuple[Port, Port]]:
    """Pair input_2 with output_2 where every one of them fits."""
    numbered = {_number(b): b for b in outs if _number(b) is not None}
    pairs = [(a, numbered[_number(a)]) for a in ins if _number(a) in numbered]
    return pairs if len(pairs) == len(ins) and all(fits_exactly(*pair) for pair in pairs) else []


def _number(port: Port) -> tuple[int, ...] | None:
    """Give the number of an input_2 or output_2, not that of a layer."""
    side: Side = "in" if port.name.lower().startswith("in") else "out"
    bare = [r for r in readings(port.name, side) if not r.words and r.indices]
    return bare[0].indices if bare else None


def _contradict(a: Port, b: Port) -> bool:
    numbers = {_number(a), _number(b)}
    return None not in numbers and len(numbers) > 1


def _unlike(a: Port, data: Port, outs: Sequence[Port]) -> bool:
    """Say whether a port can be told from the data: by rank, or by sharing none of its sizes."""
    if math.prod(size or 1 for size in a.shape) < 2:
        return False
    if any(fits_exactly(data, b) for b in outs):
        return len(a.axes) > len(data.axes)
    large = {size for size in data.axes if size != 1}
    return len(a.axes) != len(data.axes) or not large & {size for size in a.axes if size != 1}
