"""Whether a module can be stepped: the whole sequence at once must be its steps, one by one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from qibu.errors import InputError

from .book import Book
from .carrier import Carrier
from .discovery import Plan
from .failures import first_line, where
from .places import WHOLE, title
from .request import BATCH, TIME
from .stepping import BATCHES, LIMIT, TIMES, difference, run_stepped, sizes_of, split_steps

STEPS = 7  # of the run in which the culprit is looked for

# what a function does to time, by words in its name; the first that fits
HABITS: Mapping[str, str] = {
    "attention": "attends to the whole sequence, later steps too",
    "softmax": "weighs all steps of the sequence against each other",
    "conv_transpose": "spreads each step over its neighbours",
    "conv": "needs several steps at once (to look back only, pad by (kernel - 1) · dilation on the "
    "left: F.pad(x, (k - 1, 0)))",
    "pool": "draws several steps into one",
    "norm": "takes its mean and deviation over time (LayerNorm takes them within a step)",
    "mean": "takes the mean over time",
    "std": "takes the deviation over time",
    "var": "takes the variance over time",
    "sum": "takes the sum over time (a buffer that forward overwrites can carry it)",
    "max": "takes the largest over time",
    "min": "takes the least over time",
    "flip": "reverses time",
    "roll": "moves the sequence's end to its beginning",
    "pad": "pads the sequence at its end, or not with a constant",
    "interpolate": "stretches time",
    "stft": "cuts the sequence into frames (give it frames as input)",
    "unfold": "cuts the sequence into frames (give it frames as input)",
    "getitem": "picks steps out of the sequence, by their place in it",
    "select": "picks a step out of the sequence",
    "matmul": "mixes the steps of the sequence",
    "bmm": "mixes the steps of the sequence",
    "sort": "sorts the steps",
    "fft": "transforms the whole sequence",
}


@dataclass(frozen=True)
class _Record:
    path: str
    function: str
    values: tuple[Tensor, ...]


class _Recorder(TorchFunctionMode):
    """Writes down what every function gave, and whose forward called it."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.book = book
        self.records: list[_Record] = []
        self.failed: tuple[str, str] | None = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function and keep what it gives."""
        name = getattr(func, "__name__", str(func)).strip("_")
        try:
            result = func(*args, **(kwargs or {}))
        except Exception:
            self.failed = self.failed or (self.book.path, name)
            raise
        leaves = tuple(v.detach().clone() for v in tree_leaves(result) if isinstance(v, Tensor))
        if leaves and name not in ("get", "set"):
            self.records.append(_Record(self.book.path, name, leaves))
        return result


def check_causality(plan: Plan) -> None:
    """Compare the whole sequence with its steps, in torch, in float64 where forward can.

    Raises:
        InputError: they differ; names the module and what it does.
    """
    request = plan.carrier.request
    if TIME not in request.sizes:
        return  # what is read is one step
    carrier = plan.exact
    for batch in BATCHES if BATCH in request.sizes else BATCHES[:1]:
        for steps in TIMES[1:]:
            generator = torch.Generator().manual_seed(batch * 100 + steps)
            inputs = plan.samples.draw(sizes_of(plan, batch, steps), generator)
            try:
                whole, last = carrier.run(inputs, carrier.start(batch))
                found, end = run_stepped(carrier.run, plan, inputs, carrier.start(batch), steps)
            except Exception as error:  # forward is anybody's
                raise _cannot(plan, carrier, error) from error
            pairs = [(found[n], whole[n]) for n in whole] + [(end[n], last[n]) for n in last]
            if not all(difference(value, wanted) <= LIMIT for value, wanted in pairs):
                raise _cannot(plan, carrier)


def _cannot(plan: Plan, carrier: Carrier, error: Exception | None = None) -> InputError:
    """Say which module can't be stepped, and what it does."""
    model = carrier.model
    culprit, failure = _find(plan, carrier)
    text = f": {first_line(failure or error)}" if failure or error else ""  # type: ignore[arg-type]
    if culprit is None:
        return InputError(
            f"forward gives other results step by step than for the sequence at once{text}; {WHOLE}"
        )
    path, function = culprit
    module = model.get_submodule(path)
    if hasattr(module, "onnx_mode"):
        habit = (
            "starts from a state that forward makes of its inputs; leave it out and Qibu carries "
            "it, or let forward take and return it (states={'h': 'hn'})"
        )
    else:
        habit = _habit(module, function)
    detail = where(failure) if failure else ""
    return InputError(f"{title(model, path)}{detail} can't be stepped: it {habit}; {WHOLE}")


def _habit(module: nn.Module, function: str) -> str:
    names = [type(module).__name__.lower()] if not list(module.children()) else []
    for name in (*names, function):
        for word, habit in HABITS.items():
            if word in name:
                return f"{habit} ({function})"
    return f"gives another result of each step alone than of the sequence, in {function}"


def _find(plan: Plan, carrier: Carrier) -> tuple[tuple[str, str] | None, Exception | None]:
    """Find the first function whose steps, one by one, aren't the sequence at once."""
    generator = torch.Generator().manual_seed(1)
    inputs = plan.samples.draw(sizes_of(plan, 1, STEPS), generator)
    recorders = []
    states = carrier.start(1)
    for part in [inputs, *split_steps(plan, inputs, STEPS)]:
        first = part is inputs
        recorder = _Recorder(carrier.book)
        try:
            with recorder:
                _, after = carrier.run(part, carrier.start(1) if first else states)
        except Exception as error:  # forward is anybody's
            return recorder.failed, error
        states = states if first else after
        recorders.append(recorder.records)
    whole, *steps = recorders
    if any(len(records) != len(whole) for records in steps):
        return None, None
    for place, record in enumerate(whole):
        parts = [records[place] for records in steps]
        if any(part.function != record.function for part in parts):
            return (record.path, record.function), None
        for value, *pieces in zip(record.values, *(part.values for part in parts), strict=True):
            if _agree(value, pieces) is False:
                return (record.path, record.function), None
    return None, None


def _agree(whole: Tensor, pieces: list[Tensor]) -> bool | None:
    """Say whether pieces are the whole; None where their shapes don't tell."""
    last = pieces[-1]
    if whole.dim() != last.dim():
        return False
    if whole.shape == last.shape:
        return difference(last, whole) <= LIMIT
    longer = [a for a, (m, n) in enumerate(zip(whole.shape, last.shape, strict=True)) if m != n]
    if len(longer) != 1 or whole.shape[longer[0]] != STEPS * last.shape[longer[0]]:
        return None
    return difference(torch.cat(pieces, longer[0]), whole) <= LIMIT
