"""What tells a state from data on its way through, where two names agree."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from .axes import speaks_of_time
from .matching import Match, Template, fits_exactly
from .names import readings
from .nouns import COUNTERS, LETTERS, PLACES, SETTINGS, Kind
from .port import Port

_ROTARY = {"rotary", "cos", "sin", "freq"}
_PLAIN = {"hidden", "state", "h", "memory"}
# what a cell gives may be all that it gives; of a buffer that passes through, no one knows
_CELLS = LETTERS | {"hidden", "cell", "state"}


def weigh(matches: Sequence[Match], inputs: Sequence[Port], outputs: Sequence[Port]) -> list[Match]:
    """Decide what each match is, by its noun and by what stands beside it.

    A state's noun makes a state, but for activations between layers and for a letter that others
    use for data. A noun that says nothing is believed where its directions speak of a step on
    both sides (prev_ → next_), or where a state beside it is named by the same directions and no
    data is; and only while data is left to go in and to come out.
    """
    matches = [_demoted(m, Kind.DATA) if _is_never_state(m) else m for m in matches]
    matches = [_demoted(m, Kind.DOUBT) if _is_projection(m) else m for m in matches]
    matches = [_without_activations(m, matches, inputs) for m in matches]
    taken = {m.input.name for m in matches if m.kind is Kind.STATE}
    if not data_left(inputs, taken):
        matches = [_demoted(m, Kind.DATA) if _is_activation(m) else m for m in matches]
    matches = [_demoted(m, Kind.SUPPORTED) if _is_lone_letter(m, matches) else m for m in matches]
    sure = [m for m in matches if m.kind is Kind.STATE and m.fits]
    ins, outs = {m.input.name for m in sure}, {m.output.name for m in sure}
    others = [m for m in matches if m.input.name not in ins and m.output.name not in outs]
    perhaps = [m for m in others if m.kind in (Kind.UNKNOWN, Kind.SUPPORTED) and m.fits]
    data = data_left(inputs, ins | {m.input.name for m in perhaps})
    of_data = {m.template for m in others if m.kind in (Kind.DATA, Kind.DOUBT)}
    results = len(outputs) > len(outs | {m.output.name for m in perhaps})
    believed = [m for m in perhaps if data and results and _is_supported(m, sure, of_data, data)]
    return [replace(m, kind=Kind.STATE) if m in believed else m for m in matches]


def data_left(inputs: Iterable[Port], taken: AbstractSet[str]) -> list[Port]:
    """Give the inputs that are neither taken for states nor settings."""
    return [port for port in inputs if port.name not in taken and not _is_setting(port)]


def is_sized(port: Port) -> bool:
    """Say whether a port is more than one number."""
    return any(size is None or size > 1 for size in port.shape)


def is_filter(inputs: Sequence[Port], outputs: Sequence[Port], chosen: Mapping[str, str]) -> bool:
    """Say whether nothing but what was paired comes out, so that it may as well be the data.

    Where there is no data at all, only a cell's own letters, as in h and hn, say enough.
    """
    if len(chosen) < len(outputs):
        return False
    words = {word for name in chosen for word in readings(name, "in")[0].words}
    return not words & (_CELLS if data_left(inputs, chosen.keys()) else LETTERS)


def _is_setting(port: Port) -> bool:
    """Say whether an input sets how to compute: one number, a mask, a position."""
    words = readings(port.name, "in")[0].words
    one_number = not any(size is None or size > 1 for size in port.shape)
    head = words[-1] if words else ""
    return (
        one_number
        or (head != "id" and head in SETTINGS | COUNTERS)
        or bool((_ROTARY | PLACES) & {*words})
    )


def _is_supported(
    match: Match, sure: Sequence[Match], of_data: AbstractSet[Template], data: Sequence[Port]
) -> bool:
    if all(match.speaks_of_step):
        like_data = any(fits_exactly(match.input, port) for port in data)
        return bool(sure) or match.kind is Kind.SUPPORTED or not like_data
    beside = [m for m in sure if m.template == match.template]
    if not beside or match.template in of_data:
        return False
    shares_word = any(m.words & match.words for m in beside)
    return match.kind is Kind.SUPPORTED or any(match.speaks_of_step) or shares_word


def _demoted(match: Match, kind: Kind) -> Match:
    return replace(match, kind=min(match.kind, kind))


def _without_activations(match: Match, matches: Sequence[Match], inputs: Sequence[Port]) -> Match:
    """Take a plain state that has the time of the data for an axis for data, as only data has."""
    times = {axis for axis in match.input.axes if speaks_of_time(axis)}
    if match.kind is not Kind.STATE or not times or not match.words or match.words - _PLAIN:
        return match
    states = {m.input.name for m in matches if m.kind is Kind.STATE}
    shared = any(times & {*port.axes} for port in inputs if port.name not in states)
    return _demoted(match, Kind.DATA) if shared else match


def _is_activation(match: Match) -> bool:
    """Say whether a name is what transformers call the data between their layers."""
    return {"hidden", "state"} <= match.words and not any(match.speaks_of_step)


def _is_projection(match: Match) -> bool:
    """Say whether a name is what transformers make of the data: key_states."""
    projected = {"key", "value"} & match.words
    return "state" in match.words and bool(projected) and not any(match.speaks_of_step)


def _is_never_state(match: Match) -> bool:
    """Say whether a port is text, a query, or a transformer's last hidden state."""
    last = {"hidden", "state"} <= match.words and match.template == ((), ("last",))
    return last or {"query", "state"} <= match.words or match.input.dtype == "object"


def _is_lone_letter(match: Match, matches: Sequence[Match]) -> bool:
    """Say whether a letter may mean something else: a height, channels, the second of two lanes.

    A state is no whole number and no single one; c has h beside it; s isn't named as data is.
    """
    if not match.words <= LETTERS:
        return False
    if "int" in match.input.type or not is_sized(match.input):
        return True
    if match.words == {"c"}:
        return not any(m.words & {"h", "hidden"} for m in matches if m.kind is Kind.STATE)
    beside = (m for m in matches if m.template == match.template)
    return match.words == {"s"} and any(m.kind is Kind.DATA for m in beside)
