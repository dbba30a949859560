"""Finding a graph's states: as the caller says, else by how its names are built."""

from collections.abc import Mapping, Sequence

from .axes import AxisWish, find_axes
from .errors import InputError, ModelFileError
from .evidence import is_filter, weigh
from .leftovers import find_leftovers, refusal
from .matching import assign, fits, name_matches
from .nouns import Kind
from .port import Port, StatePair
from .shapes import pairs_by_shape


def find_pairs(
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    states: Mapping[str, str] | None = None,
    axes: Mapping[str, Sequence[AxisWish]] | None = None,
) -> tuple[StatePair, ...]:
    """Pair state inputs with state outputs: all of them, or none and an error.

    Args:
        inputs: of the graph.
        outputs: of the graph.
        states: {input: output} where the caller knows; names are then not read. Empty: no state.
        axes: {state input: what each axis is}: "batch", the length with which a free axis
            begins, or None for what the rules find.

    Returns:
        The states, in the order of `states` or of the inputs.

    Raises:
        InputError: `states` or `axes` names what the graph lacks, or contradicts it or itself.
        ModelFileError: names leave a doubt, there is no state, or what comes out can't go in.
    """
    ins, outs = {p.name: p for p in inputs}, {p.name: p for p in outputs}
    if states is None:
        chosen = _guess(inputs, outputs)
    else:
        _check(states, ins, outs)
        chosen = dict(states)
    pairs = [(ins[name], outs[output]) for name, output in chosen.items()]
    data = [port for port in inputs if port.name not in chosen]
    found = find_axes([a for a, _ in pairs], data, axes)
    return tuple(StatePair(a.name, b.name, a.shape, _dtype(a), *found[a.name]) for a, b in pairs)


def _check(states: Mapping[str, str], ins: Mapping[str, Port], outs: Mapping[str, Port]) -> None:
    for names, ports, kind in ((states, ins, "input"), (states.values(), outs, "output")):
        for name in names:
            if name not in ports:
                raise InputError(f"states names {kind} {name!r}; the graph has {', '.join(ports)}")
    doubled = [output for output in states.values() if list(states.values()).count(output) > 1]
    if doubled:
        names_of = [name for name, output in states.items() if output == doubled[0]]
        raise InputError(f"states gives {' and '.join(names_of)} the same output {doubled[0]!r}")
    for name, output in states.items():
        a, b = ins[name], outs[output]
        # a graph that says nothing of an output's rank looks like a scalar
        if not fits(a, b) and not (a.type == b.type and not b.axes):
            raise ModelFileError(
                f"state output {b} can't be fed back into state input {a}: "
                "type, rank and known sizes must agree; give another with states={input: output}"
            )


def _dtype(port: Port) -> str:
    if port.dtype is None:
        raise ModelFileError(f"state input {port} has a type that can't be fed from numpy")
    return port.dtype


def _guess(inputs: Sequence[Port], outputs: Sequence[Port]) -> dict[str, str]:
    matches = weigh(name_matches(inputs, outputs), inputs, outputs)
    chosen, undecided = assign(m for m in matches if m.kind is Kind.STATE and m.fits)
    if not undecided:
        chosen |= pairs_by_shape(inputs, outputs, chosen)
    if is_filter(inputs, outputs, chosen):
        chosen = {}
    left = find_leftovers(inputs, outputs, chosen, matches, undecided)
    if left or not chosen:
        raise ModelFileError(refusal(inputs, outputs, chosen, left))
    return {port.name: chosen[port.name] for port in inputs if port.name in chosen}
