"""Which input's name belongs to which output's, and the one way to match them all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .names import Reading, readings
from .nouns import STATE, Kind, has_state_noun, kind_of
from .port import Port

Template = tuple[tuple[str, ...], tuple[str, ...]]

# a word that names what holds the state may stand on one side only: lstm_h_in → h_out
_HOLDERS = {"state", "cache", "kv", "memory", "rnn", "lstm", "gru", "recurrent"}
_SAME = {"h": "hidden", "c": "cell"}
# how much weaker than equal words
_OTHER_ORDER = 3
_OTHER_WORD = 3
_HOLDER_LEFT_OUT = 4
_RENAMED = 5
_SCOPE_LEFT_OUT = 6
_NO_DIRECTION = 8


@dataclass(frozen=True)
class Match:
    """An input and an output whose names agree but for the directions."""

    input: Port
    output: Port
    kind: Kind
    cost: int
    template: Template  # the directions: how these names are built
    words: frozenset[str]
    speaks_of_step: tuple[bool, bool]  # the input's directions, the output's

    @property
    def rank(self) -> tuple[int, int]:
        """The less, the nearer."""
        return self.cost, -self.kind

    @property
    def fits(self) -> bool:
        """Whether what comes out can go in."""
        return fits(self.input, self.output)


def fits(a: Port, b: Port) -> bool:
    """Say whether what comes out can go in: same type, rank and known sizes."""
    return (
        a.type == b.type
        and len(a.axes) == len(b.axes)
        and all(m == n or m is None or n is None for m, n in zip(a.shape, b.shape, strict=True))
    )


def fits_exactly(a: Port, b: Port) -> bool:
    """Say whether type and axes are the same, symbols too."""
    return a.type == b.type and a.axes == b.axes


def name_matches(inputs: Sequence[Port], outputs: Sequence[Port]) -> list[Match]:
    """Give every input and output whose names agree, also where their shapes don't."""
    numbered: dict[tuple[int, ...], list[tuple[Port, Reading]]] = {}
    for b in outputs:
        for after in readings(b.name, "out"):
            numbered.setdefault(after.indices, []).append((b, after))
    best: dict[tuple[str, str], Match] = {}
    for a in inputs:
        for before in readings(a.name, "in"):
            indices = before.indices
            near = numbered.get(indices, ())
            further = numbered.get(indices[:-1], ()) if indices[-1:] == (1,) else ()
            for b, after in (*near, *further):
                match = _match(a, before, b, after)
                key = (a.name, b.name)
                if match and (key not in best or match.rank < best[key].rank):
                    best[key] = match
    return list(best.values())


def _match(a: Port, before: Reading, b: Port, after: Reading) -> Match | None:
    distance = _distance(before, after)
    if distance is None or a.name == b.name:
        return None
    kind = kind_of(before.words, before.indices, before.moments, after.moments)
    if kind is Kind.UNKNOWN and (before.directions, after.directions) == (("input",), ("output",)):
        kind = Kind.DATA  # a part's own input and output: decoder_input, decoder_output
    undirected = not before.directions and not after.directions
    if undirected and not (kind is Kind.STATE and fits_exactly(a, b)):
        return None
    return Match(
        a,
        b,
        kind,
        before.cost + after.cost + distance + _undirected_cost(before, after),
        (tuple(sorted(before.directions)), tuple(sorted(after.directions))),
        frozenset(before.words),
        (bool(before.moments), bool(after.moments)),
    )


def _undirected_cost(before: Reading, after: Reading) -> int:
    undirected = (not before.directions) + (not after.directions)
    return _NO_DIRECTION if undirected == 2 else undirected


def _distance(before: Reading, after: Reading) -> int | None:
    """Say how far two readings are apart; None where they contradict each other."""
    directed = bool(before.directions or after.directions)
    if before.indices != after.indices:
        # two ports can't share a name: an exporter numbers the second, state.1 → state
        renamed = before.words == after.words and before.indices == (*after.indices, 1)
        return _RENAMED if renamed and not directed else None
    left, right = before.words, after.words
    if left == right:
        return 0 if directed else None
    if sorted(left) == sorted(right):
        return _OTHER_ORDER
    same_left, same_right = _synonyms(left), _synonyms(right)
    if same_left == same_right:
        return _OTHER_WORD
    bare_left, bare_right = _without_holders(same_left), _without_holders(same_right)
    step = "past" in before.directions and "present" in after.directions
    if bare_left == bare_right and (bare_left or step):
        return _HOLDER_LEFT_OUT if has_state_noun((*left, *right)) or step else None
    shared = set(same_left) & set(same_right)
    if shared in (set(same_left), set(same_right)) and directed and shared & STATE:
        return _SCOPE_LEFT_OUT
    return None


def _synonyms(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(_SAME.get(word, word) for word in words)


def _without_holders(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _HOLDERS)


def same_family(one: Reading, other: Reading) -> bool:
    """Say whether two names differ by nothing but their index, or by h and c, key and value."""
    if bool(one.directions) != bool(other.directions):
        return False
    if one.words == other.words:
        return bool(one.words) or bool(one.moments & {"past", "present"})
    if len(one.words) != len(other.words):
        return False
    words = zip(_synonyms(one.words), _synonyms(other.words), strict=True)
    different = [pair for pair in words if len({*pair}) > 1]
    partners = ({"hidden", "cell"}, {"key", "value"}, {"k", "v"})
    return len(different) == 1 and {*different[0]} in partners


def assign(matches: Iterable[Match]) -> tuple[dict[str, str], list[Match]]:
    """Match inputs and outputs one to one, the closest names first.

    Returns:
        {input: output}, and the matches among which the names can't decide.
    """
    chosen: dict[str, str] = {}
    undecided: list[Match] = []
    open_matches = list(matches)
    for cost in sorted({match.cost for match in open_matches}):
        taken = {*chosen, *(match.input.name for match in undecided)}
        taken_out = {*chosen.values(), *(match.output.name for match in undecided)}
        level = [
            match
            for match in open_matches
            if match.cost == cost
            and match.input.name not in taken
            and match.output.name not in taken_out
        ]
        for group in _connected(level):
            pairs = _largest(group)
            if all(len(_largest(group, without=edge)) < len(pairs) for edge in pairs.items()):
                chosen.update(pairs)
            else:
                undecided += group
    return chosen, undecided


def _connected(matches: Sequence[Match]) -> list[list[Match]]:
    """Put matches that share a port, directly or through others, into one group."""
    groups: list[list[Match]] = []
    for match in matches:
        touching = [
            group
            for group in groups
            if any(m.input is match.input or m.output is match.output for m in group)
        ]
        groups = [group for group in groups if group not in touching]
        groups.append([m for group in touching for m in group] + [match])
    return groups


def _largest(matches: Sequence[Match], without: tuple[str, str] | None = None) -> dict[str, str]:
    """Find a largest one-to-one matching, by augmenting paths."""
    options: dict[str, list[str]] = {}
    for match in matches:
        edge = (match.input.name, match.output.name)
        if edge != without:
            options.setdefault(edge[0], []).append(edge[1])
    owner: dict[str, str] = {}
    for name in options:
        _augment(name, options, owner, set())
    return {name: output for output, name in owner.items()}


def _augment(
    name: str, options: Mapping[str, Sequence[str]], owner: dict[str, str], seen: set[str]
) -> bool:
    for output in options.get(name, ()):
        if output not in seen:
            seen.add(output)
            if output not in owner or _augment(owner[output], options, owner, seen):
                owner[output] = name
                return True
    return False
