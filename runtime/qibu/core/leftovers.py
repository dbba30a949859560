"""What looks like a state and has been left over: the reason to ask instead of guessing."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from .matching import Match, fits, fits_exactly, same_family
from .names import MOMENT, SHORT, Side, is_nobodys, readings
from .nouns import CARRIED, CONSTANT, KEYS, PARTS, STATE, Kind, has_state_noun, is_data
from .port import Port
from .shapes import looks_like_state

_STEP: Mapping[Side, set[str]] = {
    "in": {"prev", "previous", "past"},
    "out": {"next", "new", "updated", "present"},
}


@dataclass
class Leftovers:
    """Inputs and outputs in doubt, and the pairs that they may be."""

    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    perhaps: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.inputs or self.outputs)

    def add(self, a: Port | None, b: Port | None) -> None:
        """Note an input, an output, or the two as a possible pair."""
        if a is not None and a not in self.inputs:
            self.inputs.append(a)
        if b is not None and b not in self.outputs:
            self.outputs.append(b)
        if a is not None and b is not None and b.name not in self.perhaps.values():
            self.perhaps.setdefault(a.name, b.name)


def find_leftovers(
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    chosen: Mapping[str, str],
    matches: Sequence[Match],
    undecided: Sequence[Match],
) -> Leftovers:
    """Find what may be state and isn't paired.

    That is: what the names can't decide; two whose names agree and whose noun says nothing; an
    input with a state's noun that an output can be fed back into; a state's noun with a direction;
    and the brothers of what was paired.
    """
    left = Leftovers()
    for match in undecided:
        left.add(match.input, match.output)
    ins = [port for port in inputs if port.name not in chosen]
    outs = [port for port in outputs if port.name not in chosen.values()]
    near = sorted(matches, key=lambda match: match.cost)
    near = [match for match in near if match.fits and match.input in ins and match.output in outs]
    for match in near:
        if match.kind in (Kind.UNKNOWN, Kind.SUPPORTED, Kind.DOUBT) or _is_fed_back(match):
            left.add(match.input, match.output)
    # also what has a state's noun and was judged to be data: activations between layers
    through = {port.name for m in near if m.kind is Kind.DATA for port in (m.input, m.output)}
    ins = [port for port in ins if port.name not in through and not _is_constant(port)]
    outs = [port for port in outs if port.name not in through and not _is_constant(port)]
    for a in ins:
        for b in outs:
            if _may_come_back(a, b) if looks_like_state(a, "in") else _answers(a, b):
                left.add(a, b)
    pairs = [m for m in matches if chosen.get(m.input.name) == m.output.name]
    for a in ins:
        if _is_orphan(a, "in", [m.input for m in pairs], [(m.template[0], m.words) for m in pairs]):
            left.add(a, None)
    for b in outs:
        if _is_orphan(
            b, "out", [m.output for m in pairs], [(m.template[1], m.words) for m in pairs]
        ):
            left.add(None, b)
    return left


def _is_fed_back(match: Match) -> bool:
    """Say whether data is named as what came out before: prev_action, action."""
    return match.kind is Kind.DATA and match.speaks_of_step[0]


def _may_come_back(a: Port, b: Port) -> bool:
    """Say whether an output may be what becomes of a state."""
    if fits(a, b) and (looks_like_state(b, "out") or is_nobodys(b.name)):
        return True
    between_layers = _is_activation(a.name) and "states" in a.name.lower()
    words = _undirected(b, "out")
    return _fits_alone(a, b) and not between_layers and not (words and is_data(words))


def _answers(a: Port, b: Port) -> bool:
    """Say whether two that share a shape are more than that: the output is said to be new."""
    data = is_data(_undirected(a, "in")) or is_data(_undirected(b, "out"))
    directed = any({*reading.directions} - SHORT for reading in readings(b.name, "out"))
    return directed and not data and _fits_alone(a, b)


def _fits_alone(a: Port, b: Port) -> bool:
    return fits_exactly(a, b) and any(size is None or size > 1 for size in a.shape)


def _undirected(port: Port, side: Side) -> tuple[str, ...]:
    """Give a name's words without all that may be directions."""
    plain = [r for r in readings(port.name, side) if not r.glued and not {*r.directions} & SHORT]
    return max(plain, key=lambda reading: len(reading.directions)).words


def _is_orphan(
    port: Port,
    side: Side,
    paired: Sequence[Port],
    built: Sequence[tuple[tuple[str, ...], AbstractSet[str]]],
) -> bool:
    """Say whether a port must be a state although nothing answers it.

    Args:
        port: an input or output that isn't paired.
        side: which of the two.
        paired: those of its side that are.
        built: the directions and the words of their names.
    """
    if _is_directed_state(port, side) or _is_brother(port, paired, side):
        return True
    words = _undirected(port, side)
    if paired and side == "in" and words[-1:] and words[-1] in CARRIED:
        return not _is_activation(port.name)
    if paired and _STEP[side] & {w for r in readings(port.name, side) for w in r.directions}:
        return not is_data(words)
    for reading in readings(port.name, side):
        alike = [
            own for taken, own in built if taken and taken == tuple(sorted(reading.directions))
        ]
        # new_foo, where what is carried is called new_
        step = {*reading.directions} & (MOMENT[side] - SHORT | {"n"})
        shared = any(own & {*reading.words} - PARTS for own in alike)
        if alike and not is_data(reading.words) and (step or shared):
            return True
    return False


def _is_activation(name: str) -> bool:
    """Say whether a name is what transformers call the data between their layers."""
    return any({"hidden", "state"} <= {*reading.words} for reading in readings(name, "in"))


def _is_constant(port: Port) -> bool:
    """Say whether a name is of what an encoder gave: it doesn't change from step to step."""
    reading = readings(port.name, "in")[0]
    cross = bool(CONSTANT & {*reading.words})
    both = (*readings(port.name, "in"), *readings(port.name, "out"))
    directed = any({*r.directions} - (SHORT - {"n"}) for r in both)
    return cross and (not directed or bool(KEYS & {*reading.words}))


def _is_directed_state(port: Port, side: Side) -> bool:
    return any(
        has_state_noun(reading.words, reading.indices)
        and any(word not in SHORT for word in reading.directions)
        and not reading.glued
        and not _is_activation(port.name)
        for reading in readings(port.name, side)
    )


def _is_brother(port: Port, paired: Sequence[Port], side: Side) -> bool:
    """Say whether a port differs from a paired one by its index only, or has its noun."""
    own = readings(port.name, side)
    for other in paired:
        theirs = readings(other.name, side)
        alike = (port.type, len(port.axes)) == (other.type, len(other.axes))
        if alike and any(same_family(one, two) for one in own for two in theirs):
            return True
        nouns = STATE & {*own[0].words} & {*theirs[0].words}
        if nouns and looks_like_state(port, side) and not _is_activation(port.name):
            return True
    return False


def refusal(
    inputs: Sequence[Port], outputs: Sequence[Port], chosen: Mapping[str, str], left: Leftovers
) -> str:
    """Say what was found and what is left over, and what to write instead."""
    if chosen:
        found = ", ".join(f"{name} → {output}" for name, output in chosen.items())
        message = f"states left over beside {found}: "
    else:
        message = "no state found: "
    if left and chosen:
        ins, outs = [str(p) for p in left.inputs], [str(p) for p in left.outputs]
    else:
        ins, outs = [p.name for p in inputs], [p.name for p in outputs]
    message += f"inputs {', '.join(ins) or 'none'}; outputs {', '.join(outs) or 'none'}; "
    wanted = {**chosen, **left.perhaps}
    wanted |= {p.name: "…" for p in left.inputs if p.name not in wanted}
    if not wanted:
        return message + "if some carry state, say which with states={input: output}"
    pairs = ", ".join(f'"{name}": "{output}"' for name, output in wanted.items())
    return message + f"if they carry state, say so with states={{{pairs}}}; leave out what doesn't"
