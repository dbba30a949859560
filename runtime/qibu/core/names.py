"""How a port's name is built: words, indices, and the words that say before or after a step."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Literal

Side = Literal["in", "out"]

# the words for the way through the graph, and those for the passing of a step
PLACE = {
    "in": {"in", "ins", "inp", "input", "i"},
    "out": {"out", "outs", "outp", "output", "o", "r", "ret", "return", "returned", "y"},
}
MOMENT = {
    "in": {
        *("prev", "previous", "past", "old", "last", "init", "initial", "start", "begin", "before"),
        *("prior", "pre", "prv", "cur", "curr", "current", "t", "tminus", "0", "from"),
    },
    "out": {
        *("next", "nxt", "new", "present", "updated", "update", "upd", "final", "fin", "last"),
        *("cur", "curr", "current", "after", "post", "end", "prime", "n", "t", "tplus", "1", "to"),
    },
}
# too short to mean a direction wherever they stand
SHORT = {"i", "o", "r", "y", "n", "t", "0", "1"}
# of these a name may be made in one piece: hn, stateN, newstate, spkcache
_STEMS = ("hidden", "state", "cache", "buffer", "memory", "cell", "states")
_GLUED_WORDS = tuple(
    sorted({w for s in (*PLACE.values(), *MOMENT.values()) for w in s if len(w) > 1}, key=len)
)
_LETTERS = "hcsr"
_PLURALS = {
    **{"memories": "memory", "mem": "memory", "mems": "memory", "buf": "buffer", "ctx": "context"},
    **{"lens": "len", "length": "len", "lengths": "len", "val": "value", "hid": "hidden"},
    **{"hist": "history", "ks": "k", "vs": "v", "hs": "h", "cs": "c", "pkv": "kv", "kvs": "kv"},
    **{"cached": "cache", "feats": "feature", "feat": "feature", "rec": "recurrent"},
}
_TOKEN = re.compile(
    r"[A-Za-z]+[123][dD](?![A-Za-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+"
    r"|[^\W\d_A-Za-z]+"
)
_STEP_BEFORE = re.compile(r"(?<![a-z]{2})t_?(?:-|m|minus_?)_?1(?!\d)", re.IGNORECASE)
_STEP_AFTER = re.compile(r"(?<![a-z]{2})t_?(?:\+|p|plus_?)_?1(?!\d)", re.IGNORECASE)
_SERVING = re.compile(r"^serving_default_|:\d+$")
# what exporters call a port that nobody named: by its number, or by the layer that makes it
_NOBODYS = re.compile(r"^\d+$|^onnx::|/|^(?:Stateful)?PartitionedCall", re.IGNORECASE)
_LAYERS = {
    *("activation", "add", "arg", "args", "cast", "concat", "concatenate", "conv", "conv1d"),
    *("conv2d", "dense", "dropout", "functional", "gather", "gemm", "getitem", "gru", "identity"),
    *("lambda", "layer", "linear", "lstm", "matmul", "mul", "multiply", "normalization", "op"),
    *("permute", "relu", "reshape", "rnn", "sigmoid", "slice", "softmax", "split", "squeeze"),
    *("stack", "strided", "sub", "tanh", "tensor", "tf", "transpose", "unsqueeze", "unstack"),
    *("input", "output", "inputs", "outputs", "batch", "keras", "var", "val"),
}


@dataclass(frozen=True)
class Reading:
    """One way to read a name: the directions taken out, and what is left."""

    words: tuple[str, ...]
    indices: tuple[int, ...]
    directions: tuple[str, ...]
    cost: int  # how much was read into the name
    glued: bool = False  # a token had to be taken apart

    @property
    def moments(self) -> frozenset[str]:
        """The directions that speak of a step's passing, not of the way through the graph."""
        return frozenset(self.directions) - PLACE["in"] - PLACE["out"] - {"0", "1", "t"}


@cache
def readings(name: str, side: Side) -> tuple[Reading, ...]:
    """Give every way to read an input's or an output's name."""
    found: dict[tuple[object, ...], Reading] = {}
    for tokens, glued in _spellings(name):
        for taken in _directions(tokens, side):
            kept = [token for place, token in enumerate(tokens) if place not in taken]
            directions = tuple(tokens[place] for place in taken)
            short = any(word in SHORT for word in directions)
            reading = Reading(
                tuple(token for token in kept if not token.isdecimal()),
                tuple(int(token) for token in kept if token.isdecimal()),
                directions,
                max(0, len(taken) - 1) + 2 * short + glued,
                glued > 0,
            )
            key = (reading.words, reading.indices, reading.directions)
            if key not in found or found[key].cost > reading.cost:
                found[key] = reading
    return tuple(found.values())


@cache
def is_nobodys(name: str) -> bool:
    """Say whether an exporter made the name up: it then tells nothing."""
    plain = _SERVING.sub("", name)
    if _NOBODYS.search(plain):
        return True
    tokens = [token.lower() for token in _TOKEN.findall(plain)]
    words = [token for token in tokens if not token.isdecimal()]
    return len(words) < len(tokens) and all(word in _LAYERS for word in words)


def _spellings(name: str) -> Iterator[tuple[list[str], int]]:
    """Give the name in tokens, first as it is, then with glued words apart; and what that costs."""
    name = _SERVING.sub("", name)
    name = _STEP_AFTER.sub("_tplus_", _STEP_BEFORE.sub("_tminus_", name))
    tokens = [token.lower() for token in _TOKEN.findall(name)]
    choices = []
    for token in tokens:
        parts = _apart(token)
        choices.append([[token], parts] if parts else [[token]])
    for chosen in product(*choices[:12]):
        split = sum(len(parts) > 1 for parts in chosen)
        flat = [_singular(token) for parts in chosen for token in parts]
        flat += [_singular(token) for token in tokens[12:]]
        yield _joined(flat), 2 * split


def _singular(token: str) -> str:
    if token in _PLURALS:
        return _PLURALS[token]
    if len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is")):
        return token[:-1]
    return token


def _joined(tokens: list[str]) -> list[str]:
    """Take a key and value named together for one word: past_key_values.0.key."""
    joined: list[str] = []
    for token in tokens:
        if token == "value" and joined[-1:] == ["key"]:
            joined[-1] = "kv"
        else:
            joined.append(token)
    return joined


@cache
def _apart(token: str) -> list[str] | None:
    """Split a glued token: hn → h n, newstate → new state, spkcache → spk cache, nh → n h."""
    words = {*_STEMS, *_GLUED_WORDS}
    if token.isdecimal() or token in words or _singular(token) in words or len(token) < 2:
        return None
    if token in ("hx", "cx"):
        return [token[0]]
    if len(token) == 2 and token[0] in _LETTERS and token[1] in "niotxy":
        return [token[0], token[1]]
    if len(token) < 4 and token[0] == "n" and token[1:] in _LETTERS:
        return ["n", token[1:]]
    for word in reversed(_GLUED_WORDS):
        rest_after, rest_before = token.removeprefix(word), token.removesuffix(word)
        if rest_after != token and (rest_after in _STEMS or rest_after in _LETTERS):
            return [word, rest_after]
        if rest_before != token and (rest_before in _STEMS or rest_before in _LETTERS):
            return [rest_before, word]
    for stem in _STEMS:
        rest = token.removesuffix(stem)
        if rest not in (token, ""):
            return [rest, stem]
        rest = token.removeprefix(stem)
        if rest in ("n", "t"):
            return [stem, rest]
    return None


def _directions(tokens: list[str], side: Side) -> Iterator[tuple[int, ...]]:
    """Give every set of places that may be directions, none first."""
    places = [p for p in range(len(tokens)) if _may_direct(tokens, p, side)][:5]
    for count in range(len(places) + 1):
        yield from combinations(places, count)


def _may_direct(tokens: list[str], place: int, side: Side) -> bool:
    token = tokens[place]
    if token not in PLACE[side] and token not in MOMENT[side]:
        return side == "in" and token == "1" and tokens[place - 1 : place] == ["t"]
    rest = tokens[place + 1 :]
    if token.isdecimal() or token in ("i", "o", "y"):  # h_0, h0_in, r1i, h0_l1; not layer_0_h
        last = all(t in PLACE[side] or t in MOMENT[side] for t in rest)
        of_cell = tokens[place - 1] in ("h", "c") and any(t.isdecimal() for t in rest)
        return place > 0 and (last or of_cell)
    if token == "r":  # WeNet's r_att_cache
        return place == 0 and bool(rest)
    return True
