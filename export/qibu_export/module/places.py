"""Which of the places that were seen carry a state, and what the file calls them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from qibu.core.errors import InputError

from .book import Seen
from .carrier import Carried
from .request import BATCH, TIME, Request

FUNCTIONS = ("pad", "join", "convolution")  # places that are no layers: they only keep inputs
WHOLE = "streaming=False exports it for whole sequences"


@dataclass(frozen=True)
class Observation:
    """One run: its sizes, what came out, which states and buffers went in and came out."""

    sizes: Mapping[str, int]
    outputs: Mapping[str, Tensor]
    states: Mapping[str, Tensor]
    buffers: Mapping[str, Tensor]
    seen: Sequence[Seen]
    calls: Mapping[tuple[str, str], int]  # how often a module was called, by path and kind

    @property
    def finite(self) -> bool:
        """Whether all outputs are numbers."""
        return all(bool(value.isfinite().all()) for value in self.outputs.values())


def title(model: nn.Module, path: str) -> str:
    """Name a module as its owner does."""
    kind = type(model.get_submodule(path)).__name__
    return f"{path} ({kind})" if path else f"the module itself ({kind})"


def carried_places(
    model: nn.Module, runs: Sequence[Observation], request: Request
) -> list[Carried]:
    """Choose the places whose states go in and come out.

    Args:
        model: with stand-ins.
        runs: two of the same sizes, then one of another batch where that is free, then one of
            another time where that is free.
        request: what was asked for.

    Raises:
        InputError: a place would have to carry what it can't.
    """
    _check_loops(model, runs, request)
    chosen: list[tuple[Seen, Carried]] = []
    used: Counter[str] = Counter()
    for seen in runs[0].seen:
        alike = [s for run in runs for s in run.seen if s.place == seen.place]
        if len(alike) < len(runs):
            continue
        by = {
            next(s for s in run.sizes if run.sizes[s] != runs[0].sizes[s]): other
            for run, other in zip(runs[2:], alike[2:], strict=True)
        }
        if not _walks_time(seen, by.get(TIME), TIME in runs[0].sizes):
            continue
        first = _constant(alike, by)
        if first is None:
            continue  # forward makes it of its inputs: that is the graph's, not a state
        if seen.problem:
            raise InputError(f"{title(model, seen.place.path)} {seen.problem}; {WHOLE}")
        chosen.append((seen, _carried(model, seen, by.get(BATCH), first, runs, used)))
    return [carried for _, carried in chosen]


def _check_loops(model: nn.Module, runs: Sequence[Observation], request: Request) -> None:
    first = runs[0].calls
    for run in runs:
        for path, kind in {**run.calls, **first}:
            count = run.calls.get((path, kind), 0)
            if count != first.get((path, kind), 0):
                name = next(name for name in request.data if TIME in request.axes[name])
                fixed = tuple(None if a == TIME else a for a in request.axes[name])
                raise InputError(
                    f"forward calls {title(model, path)} {first.get((path, kind), 0)} times for "
                    f"{runs[0].sizes.get(TIME)} steps and {count} times for "
                    f"{run.sizes.get(TIME)}: a loop over time in Python can't become a graph. "
                    "Give the whole sequence to one nn.RNN, nn.GRU or nn.LSTM, or export one step "
                    f"with axes={{{name!r}: {fixed}}}"
                )


def _walks_time(seen: Seen, other: Seen | None, has_time: bool) -> bool:
    """Say whether a place remembers earlier steps, not earlier parts of the same step."""
    if not has_time or other is None:
        # what is read is one step: a layer that reads both ways does so within it
        return seen.kind not in FUNCTIONS and not seen.problem
    if other.shape != seen.shape:
        return False  # its batch is made of time steps: it walks over another axis
    return other.length != seen.length or seen.kind not in FUNCTIONS


def _constant(alike: Sequence[Seen], by: Mapping[str, Seen]) -> Tensor | float | None:
    """Give with what a place begins, if it is the same in each run and for each of the batch."""
    first = alike[0].given
    if first is None:
        return alike[0].start
    axis = _changed(alike[0], by.get(BATCH))
    rows = []
    for seen in alike:
        if seen.given is None:
            return None
        value = seen.given.detach()
        row = value if axis is None else value.narrow(axis, 0, 1)
        if not torch.equal(value, row.expand_as(value)):
            return None
        rows.append(row)
    if any(not torch.equal(row, rows[0]) for row in rows):
        return None
    return rows[0].clone()


def _changed(seen: Seen, other: Seen | None) -> int | None:
    """Give the axis whose size follows the batch."""
    if other is None:
        return None
    axes = [a for a, (m, n) in enumerate(zip(seen.shape, other.shape, strict=True)) if m != n]
    return axes[0] if axes else None


def _carried(
    model: nn.Module,
    seen: Seen,
    other: Seen | None,
    first: Tensor | float,
    runs: Sequence[Observation],
    used: Counter[str],
) -> Carried:
    axis = _changed(seen, other)
    shape: list[int | str] = list(seen.shape)
    group = None
    if axis is not None:
        batch = runs[0].sizes[BATCH]
        each = seen.shape[axis] // batch
        if seen.shape[axis] % batch or (other and other.shape[axis] % each):
            raise InputError(
                f"{title(model, seen.place.path)} reads {seen.shape[axis]} sequences where the "
                f"batch is {batch}; Qibu carries a state for each of the batch: {WHOLE}"
            )
        shape[axis] = BATCH
        if each > 1:
            group = axis + 1
            shape.insert(group, each)
    sizes = [1 if size == BATCH else int(size) for size in shape]
    if isinstance(first, Tensor):
        initial = (first.unsqueeze(group) if group else first).expand(sizes).clone()
    else:
        initial = torch.full(sizes, first, dtype=torch.float32)
    name = _name(model, seen, used)
    return Carried(f"{name}_in", f"{name}_out", seen.place, tuple(shape), initial, group)


def _name(model: nn.Module, seen: Seen, used: Counter[str]) -> str:
    """Name a state after its module's place, its number if it is called again, its letter."""
    path = seen.named or seen.place.path
    base = path.replace(".", "_")
    if base[:1].isdigit():
        base = f"{type(model.get_submodule(path)).__name__.lower()}_{base}"
    part = seen.place.part if seen.kind not in FUNCTIONS else "last"
    used[f"{base} {part}"] += 1
    count = used[f"{base} {part}"]
    return "_".join(word for word in (base, str(count) if count > 1 else "", part) if word)
