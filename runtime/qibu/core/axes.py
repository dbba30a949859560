"""Which axis of a state, and of the data, is the batch, and how the other free axes begin."""

import re
from collections.abc import Iterable, Mapping, Sequence

from .errors import InputError
from .port import Axis, Port, StatePair

AxisWish = str | int | None  # "batch", a length, or whatever the rules find
Start = tuple[int, ...] | int

_BATCH_WORDS = """
b n bs bsz nb batch batches batchsize nbatch stream streams env envs agents rows
"""
_TIME_WORDS = """
t s l time times timestep timesteps step steps seq sequence sequences seqlen len length lengths
frame frames sample samples past present cache tcache kv total token tokens context ctx window
history chunk duration hop position positions
"""
_BATCH, _TIME = set(_BATCH_WORDS.split()), set(_TIME_WORDS.split())
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def _words(axis: Axis) -> set[str]:
    return {word.lower() for word in _WORD.findall(axis)} if isinstance(axis, str) else set()


def speaks_of_batch(axis: Axis) -> bool:
    """Say whether a free axis's symbol is a word for the batch."""
    return bool(_words(axis) & _BATCH)


def speaks_of_time(axis: Axis) -> bool:
    """Say whether a free axis's symbol is a word for time, or for how long a cache is."""
    return bool(_words(axis) & _TIME) and not speaks_of_batch(axis)


def find_axes(
    states: Sequence[Port],
    data: Sequence[Port],
    wishes: Mapping[str, Sequence[AxisWish]] | None = None,
) -> dict[str, tuple[int | None, Start]]:
    """Find the batch axis of each state, and the length with which its other free axes begin.

    Args:
        states: the graph's inputs that are state.
        data: its other inputs.
        wishes: what the caller says of a state's axes; it goes before every rule.

    Returns:
        (batch axis, start) by state: a start is one length, or one for each free axis but the
        batch. An axis that grows begins at 0; two or more that no symbol tells apart begin at 1,
        so that the first state broadcasts.

    Raises:
        InputError: `wishes` names no state, or contradicts a state's shape or itself.
    """
    wishes = wishes or {}
    unknown = [name for name in wishes if name not in {port.name for port in states}]
    if unknown:
        names = ", ".join(port.name for port in states) or "none"
        raise InputError(f"axes names {unknown[0]!r}, which is no state input; there are: {names}")
    shared = _batch_symbols(states, data)
    return {port.name: _axes_of(port, data, shared, wishes.get(port.name)) for port in states}


def _axes_of(
    port: Port, data: Sequence[Port], shared: set[str], wish: Sequence[AxisWish] | None
) -> tuple[int | None, Start]:
    said: list[AxisWish] = list(wish) if wish is not None else [None] * len(port.axes)
    _check_wish(port, said)
    if "batch" in said:
        batch: int | None = said.index("batch")
    else:
        free = [n for n, size in enumerate(port.shape) if size is None and said[n] is None]
        batch = _batch_axis(port, free, data, shared)
    growing = [n for n, size in enumerate(port.shape) if size is None and n != batch]
    starts: list[int] = []
    for n in growing:
        wished = said[n]
        grows = len(growing) == 1 or speaks_of_time(port.axes[n])
        starts.append(wished if isinstance(wished, int) else 0 if grows else 1)
    if len(set(starts)) < 2:
        return batch, starts[0] if starts else 0
    return batch, tuple(starts)


def _check_wish(port: Port, said: Sequence[AxisWish]) -> None:
    wanted = f"axes of {port.name!r} must be one of 'batch', a length or None for each of {port}"
    if len(said) != len(port.axes) or isinstance(said, str):
        raise InputError(f"{wanted}; got {len(said)}: {tuple(said)!r}")
    if list(said).count("batch") > 1:
        raise InputError(f"{wanted}, 'batch' once; got {tuple(said)!r}")
    for axis, (wish, size) in enumerate(zip(said, port.shape, strict=True)):
        number = isinstance(wish, int) and not isinstance(wish, bool) and wish >= 0
        if wish is not None and wish != "batch" and not number:
            raise InputError(f"{wanted}; got {wish!r} for axis {axis}")
        if wish is not None and size is not None and wish != size:
            raise InputError(f"{wanted}; axis {axis} is fixed to {size}, got {wish!r}")


def _batch_symbols(states: Iterable[Port], data: Iterable[Port]) -> set[str]:
    """Give the symbols that stand for the batch: words for it, else what leads the data."""
    symbols = {axis for port in (*data, *states) for axis in port.axes if isinstance(axis, str)}
    spoken = {axis for axis in symbols if speaks_of_batch(axis)}
    leading = {port.axes[0] for port in data if port.axes and isinstance(port.axes[0], str)}
    return spoken or {
        axis for axis in leading if isinstance(axis, str) and not speaks_of_time(axis)
    }


def _batch_axis(
    port: Port, free: Sequence[int], data: Sequence[Port], shared: set[str]
) -> int | None:
    usual = _usual_axis(len(port.axes))
    named = [n for n in free if port.axes[n] in shared]
    if named:
        return usual if usual in named else named[0]
    odd = [n for n in free if not speaks_of_time(port.axes[n])]
    leads = any(
        len(p.axes) > 1 and p.shape[0] is None and not speaks_of_time(p.axes[0]) for p in data
    )
    if usual in odd and (usual == 0 or 0 not in odd):
        return usual
    if leads and 0 in odd:
        return 0
    # layers stacked before the batch: (2, batch, heads, past, size)
    return 1 if leads and 1 in odd and len(port.axes) > 3 else None


def _usual_axis(rank: int) -> int | None:
    """Where a state has its batch: (batch, hidden) and (layers, batch, hidden)."""
    return {1: 0, 2: 0, 3: 1}.get(rank)


def batch_axes_of_data(inputs: Sequence[Port], pairs: Sequence[StatePair]) -> dict[str, int | None]:
    """Say which axis of each data input is the batch.

    Args:
        inputs: of the graph; the states among them tell more, and may be left out.
        pairs: its states.

    Returns:
        An axis by data input; None where it is fixed or can't be told: the first axis of
        sequence-first data is time.
    """
    carried = {pair.input: pair for pair in pairs}
    data = [port for port in inputs if port.name not in carried]
    states = [port for port in inputs if port.name in carried]
    shared = _batch_symbols(states, data)
    for port in states:
        axis = carried[port.name].batch_axis
        symbol = None if axis is None else port.axes[axis]
        shared |= {symbol} if isinstance(symbol, str) else set()
    return {port.name: _batch_of_data(port, shared) for port in data}


def _batch_of_data(port: Port, shared: set[str]) -> int | None:
    for axis, symbol in enumerate(port.axes):
        if symbol in shared:
            return axis
    return 0 if port.axes and port.axes[0] is None else None


def fixed_batch(inputs: Sequence[Port], pairs: Sequence[StatePair]) -> int | None:
    """Give the one number of sequences that a graph takes.

    Args:
        inputs: of the graph; the states among them may be left out.
        pairs: its states.

    Returns:
        The number; None where the batch is free or nothing tells it.
    """
    carried = {pair.input for pair in pairs}
    data = [port for port in inputs if port.name not in carried and len(port.axes) > 1]
    if any(pair.batch_axis is not None for pair in pairs):
        free = any(axis is not None for axis in batch_axes_of_data(inputs, pairs).values())
        return 1 if not free and {size for port in data for size in _early(port)} == {1} else None
    held = {
        size
        for pair in pairs
        if len(pair.shape) > 1
        for size in _late(pair.shape)
        if size == 1 or _agrees(size, len(pair.shape), data)
    }
    if len(held) == 1:
        return held.pop()
    unlike = any(size != 1 for port in data for size in _early(port) if size)
    return 1 if pairs and not held and not unlike else None


def _early(port: Port) -> tuple[int | None, ...]:
    """Give a data input's size where its batch is: first, or behind the time."""
    behind_time = len(port.axes) > 2 and speaks_of_time(port.axes[0])
    return port.shape[1:2] if behind_time else port.shape[:1]


def _late(shape: tuple[int | None, ...]) -> set[int]:
    """Give a state's sizes where its batch may be."""
    usual = _usual_axis(len(shape))
    sizes = shape[:2] if usual is None else shape[usual : usual + 1]
    return {size for size in sizes if size is not None}


def _agrees(size: int, rank: int, data: Sequence[Port]) -> bool:
    """Say whether some data has this size for its batch too: a matrix is no batch of 64."""
    # (layers, batch, hidden) beside (time, batch, features)
    second = [p.shape[1] for p in data if len(p.axes) == rank == 3]
    return size in second or any(size in _early(port) for port in data)
