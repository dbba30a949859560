"""What Python makes of the names and axes of many graphs, for another language to make the same."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from port_lines import Graph, collection, graph

from qibu.core.axes import AxisWish, batch_axes_of_data, fixed_batch
from qibu.core.errors import QibuError
from qibu.core.names import is_nobodys, readings
from qibu.core.pairing import find_pairs
from qibu.core.port import DTYPES, Port

ORDERS = 2  # in which the ports of a graph are tried besides its own
SAID = "x[batch,T,3] h[batch,4] past[2,?,?,8] -> y[batch,3] hn[batch,4] present[2,?,?,8]"
# {state: output} and {state: axes} as a caller may say them, of that graph
SAYINGS: Sequence[tuple[dict[str, str] | None, dict[str, Sequence[AxisWish]] | None]] = (
    ({"h": "hn"}, None),
    ({}, None),
    ({"past": "present", "h": "hn"}, {"past": [None, "batch", 5, None]}),
    (None, {"past": [2, 3, 7, 8]}),
    (None, {"past": [None, None, "batch", None]}),
    (None, {"past": ["batch", None, None, None]}),
    (None, {"past": [None, "batch", "batch", None]}),
    (None, {"past": [None, -1, None, None]}),
    (None, {"past": [None, "time", None, None]}),
    (None, {"past": [None, "batch"]}),
    (None, {"x": ["batch", None, None]}),
    ({"h": "hn"}, {"past": [None] * 4}),
    ({"g": "hn"}, None),
    ({"h": "g"}, None),
    ({"h": "hn", "past": "hn"}, None),
    ({"h": "present"}, None),
)


def named_graphs() -> list[dict[str, Any]]:
    """Give graphs with the pairs that are found in each, or the error."""
    return [_judged(ports) for ports in _graphs()]


def said() -> list[dict[str, Any]]:
    """Give what a caller says of one graph, with what comes of it."""
    ports = graph(SAID)
    return [
        {**_judged(ports, states, axes), "states": states, "axes": axes} for states, axes in SAYINGS
    ]


def read_names() -> dict[str, Any]:
    """Give every name in the collections with its readings."""
    names = {port.name for ins, outs in _graphs() for port in (*ins, *outs)}
    return {
        name: {
            "nobodys": is_nobodys(name),
            **{
                side: [
                    [list(r.words), list(map(str, r.indices)), list(r.directions), r.cost, r.glued]
                    for r in readings(name, side)
                ]
                for side in ("in", "out")
            },
        }
        for name in sorted(names)
    }


def _graphs() -> Iterator[Graph]:
    for kind in ("stateful", "stateless", "refused"):
        for (ins, outs), _ in collection(kind).values():
            yield ins, outs
            for seed in range(ORDERS):
                chance = random.Random(seed)
                yield chance.sample(ins, len(ins)), chance.sample(outs, len(outs))
            for place in range(len(ins)):  # one is missing
                yield ins[:place] + ins[place + 1 :], outs
            for place in range(len(outs)):
                yield ins, outs[:place] + outs[place + 1 :]


def _judged(
    ports: Graph,
    states: dict[str, str] | None = None,
    axes: dict[str, Sequence[AxisWish]] | None = None,
) -> dict[str, Any]:
    ins, outs = ports
    graph = {"inputs": list(map(_noted, ins)), "outputs": list(map(_noted, outs))}
    try:
        pairs = find_pairs(ins, outs, states, axes)
    except QibuError as error:
        return {**graph, "error": f"{type(error).__name__}: {error}"}
    return {
        **graph,
        "pairs": [[p.input, p.output, _named(p.dtype), p.batch_axis, p.start] for p in pairs],
        "batchAxes": batch_axes_of_data(ins, pairs),
        "fixedBatch": fixed_batch(ins, pairs),
    }


def _noted(port: Port) -> list[Any]:
    return [port.name, _named(DTYPES[port.type]), list(port.axes)]


def _named(dtype: str) -> str:
    return "string" if dtype == "object" else dtype
