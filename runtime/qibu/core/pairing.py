"""Finding the states of a graph that says nothing of itself, by the names the field uses."""

from collections.abc import Callable, Mapping, Sequence

from .errors import InputError, ModelFileError
from .port import DTYPES, Port, StatePair

# an input's name gives the names that its output may have
CONVENTIONS: Sequence[Callable[[str], str | None]] = (
    lambda name: f"{name}n",  # h → hn
    lambda name: f"{name}N",  # state → stateN
    lambda name: f"next_{name}",
    lambda name: f"new_{name}",
    lambda name: f"{name}_next",
    lambda name: f"{name}_new",
    lambda name: f"{name}_out",
    lambda name: name.replace("past", "present", 1) if "past" in name else None,
    lambda name: f"{name[:-3]}_out" if name.endswith("_in") else None,
)


def find_pairs(
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    states: Mapping[str, str] | None = None,
    axes: object = None,
) -> tuple[StatePair, ...]:
    """Pair state inputs with state outputs.

    Args:
        inputs: of the graph.
        outputs: of the graph.
        states: {input: output} where the caller knows; names are then not guessed.

    Raises:
        InputError: `states` names an input or output that the graph lacks.
        ModelFileError: names leave a doubt, or there is no pair at all.
    """
    ins, outs = {p.name: p for p in inputs}, {p.name: p for p in outputs}
    if states is None:
        states = _guess(ins, outs)
    for name, ports, kind in (
        *((name, ins, "input") for name in states),
        *((name, outs, "output") for name in states.values()),
    ):
        if name not in ports:
            raise InputError(f"states names {kind} {name!r}; the graph has {', '.join(ports)}")
    if len(set(states.values())) != len(states):
        raise InputError(f"states gives two inputs the same output: {dict(states)}")
    return tuple(_pair(ins[a], outs[b]) for a, b in states.items())


def _guess(ins: Mapping[str, Port], outs: Mapping[str, Port]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ins:
        matches = {convention(name) for convention in CONVENTIONS} & set(outs)
        matches = {
            match for match in matches if match is not None and _fits(ins[name], outs[match])
        }
        if len(matches) > 1:
            raise ModelFileError(
                f"input {name!r} may be the state of {', '.join(sorted(map(str, matches)))}; "
                f"say which with states={{{name!r}: ...}}"
            )
        if matches:
            found[name] = str(matches.pop())
    doubled = [b for b in found.values() if list(found.values()).count(b) > 1]
    if doubled:
        names = [a for a, b in found.items() if b == doubled[0]]
        raise ModelFileError(
            f"output {doubled[0]!r} may be the state of {', '.join(names)}; "
            "say which with states={input: output}"
        )
    if not found:
        raise ModelFileError(
            f"no state found: inputs {', '.join(ins)}; outputs {', '.join(outs)}; "
            "if some carry state, say which with states={input: output}"
        )
    return found


def _fits(a: Port, b: Port) -> bool:
    """Say whether what comes out can go in: same type, rank and known sizes."""
    return (
        a.type == b.type
        and len(a.shape) == len(b.shape)
        and all(m == n or m is None or n is None for m, n in zip(a.shape, b.shape, strict=True))
    )


def _pair(a: Port, b: Port) -> StatePair:
    if not _fits(a, b):
        raise ModelFileError(f"state output {b} can't be fed back into state input {a}")
    if a.type not in DTYPES:
        raise ModelFileError(f"state input {a} has a type that can't be stepped")
    return StatePair(
        a.name, b.name, a.shape, DTYPES[a.type], a.shape.index(None) if None in a.shape else None
    )
