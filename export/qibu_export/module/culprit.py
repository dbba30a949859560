"""Finding which module can't be stepped, and saying what it does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from qibu.core.errors import InputError

from .book import Book
from .discovery import Plan
from .failures import DECIDES, caller, first_line
from .places import WHOLE, title
from .request import BATCH
from .stepping import LIMIT, difference, sizes_of, split_steps

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


# what draws several steps into one: a shape that isn't so many steps' is its own doing
WINDOWS = ("conv", "pool", "unfold", "stft", "interpolate")


@dataclass(frozen=True)
class _Record:
    path: str  # whose forward
    function: str
    line: str  # of the caller's code
    values: tuple[Tensor, ...] = ()


class _Recorder(TorchFunctionMode):
    """Writes down what every function gave, and whose forward called it."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.book = book
        self.records: list[_Record] = []
        self.failed: _Record | None = None
        self.decided: _Record | None = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function and keep what it gives."""
        name = getattr(func, "__name__", str(func)).strip("_")
        record = _Record(self.book.path, name, caller())
        try:
            result = func(*args, **(kwargs or {}))
        except Exception:
            self.failed = self.failed or record
            raise
        if name in ("bool", "item", "tolist"):
            self.decided = self.decided or record
        leaves = tuple(v.detach().clone() for v in tree_leaves(result) if isinstance(v, Tensor))
        if leaves and self.book.inside and name not in ("get", "set"):
            self.records.append(_Record(record.path, name, record.line, leaves))
        return result


def cannot_step(plan: Plan, error: Exception | None = None, rows: bool = False) -> InputError:
    """Say which module can't be stepped, and what it does.

    Args:
        plan: the module with its states.
        error: what a step raised, if it did.
        rows: whether one row alone can be stepped.
    """
    model = plan.exact.model
    if rows:
        axes = {
            name: tuple(None if a == BATCH else a for a in plan.samples.axes[name])
            for name in plan.carrier.request.data
        }
        return InputError(
            "forward can be stepped for a batch of 1 only: it makes one sequence of the batch's "
            f"rows; keep them apart, or fix the batch with axes={axes}"
        )
    culprit, decided = _find(plan)
    if decided is not None:
        return InputError(f"{title(model, decided.path)}{decided.line} {DECIDES}")
    if culprit is None:
        text = f": {first_line(error)}" if error else ""
        return InputError(
            f"forward gives other results step by step than for the sequence at once{text}; {WHOLE}"
        )
    module = model.get_submodule(culprit.path)
    if hasattr(module, "onnx_mode"):
        habit = (
            "starts from a state that forward makes of its inputs; leave it out and Qibu carries "
            "it, or let forward take and return it (states={'h': 'hn'})"
        )
    else:
        habit = _habit(module, culprit.function)
    return InputError(
        f"{title(model, culprit.path)}{culprit.line} can't be stepped: it {habit}; {WHOLE}"
    )


def _habit(module: nn.Module, function: str) -> str:
    names = [type(module).__name__.lower()] if type(module).__module__.startswith("torch.") else []
    for name in (*names, function):
        for word, habit in HABITS.items():
            if word in name:
                return f"{habit} ({function})"
    return f"gives another result for each step alone than for the sequence, in {function}"


def _find(plan: Plan) -> tuple[_Record | None, _Record | None]:
    """Find the first function whose steps, one by one, aren't the sequence at once.

    Returns:
        That function, and what asked for a tensor's value.
    """
    carrier = plan.exact
    inputs = plan.samples.draw(sizes_of(plan, 1, STEPS), torch.Generator().manual_seed(1))
    start = carrier.start(1)
    runs, states = [], start
    for part in [inputs, *split_steps(plan, inputs, STEPS)]:
        recorder = _Recorder(carrier.book)
        try:
            with recorder:
                _, after = carrier.run(part, start if part is inputs else states)
        except Exception:  # forward is anybody's
            return recorder.failed, recorder.decided
        if recorder.decided is not None:
            return None, recorder.decided
        states = start if part is inputs else after
        runs.append(recorder.records)
    suspect: _Record | None = None
    for record, *parts in zip(*runs, strict=False):
        if any(part.function != record.function for part in parts):
            return record, None
        for value, *pieces in zip(record.values, *(part.values for part in parts), strict=False):
            firsts = pieces[:1] if record.function != "getitem" else []  # what comes of a state
            agree = _agree(value, pieces, firsts)
            if agree is False or (agree is None and any(w in record.function for w in WINDOWS)):
                return record, None
            if agree is None and record.function not in ("cat", "lstm", "recurrence"):
                suspect = suspect or record
    return suspect, None


def _agree(whole: Tensor, pieces: list[Tensor], firsts: list[Tensor]) -> bool | None:
    """Say whether pieces are the whole; None where their shapes don't tell."""
    last = pieces[-1]
    if whole.dim() != last.dim():
        return False
    if whole.shape == last.shape:
        return any(difference(one, whole) <= LIMIT for one in (last, *firsts))
    longer = [a for a, (m, n) in enumerate(zip(whole.shape, last.shape, strict=True)) if m != n]
    if len(longer) != 1 or whole.shape[longer[0]] != STEPS * last.shape[longer[0]]:
        return None
    return difference(torch.cat(pieces, longer[0]), whole) <= LIMIT
