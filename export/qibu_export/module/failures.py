"""What to tell the caller when torch refuses: one sentence and what to write instead."""

import re
import traceback
from collections.abc import Iterable
from pathlib import Path

import torch

from qibu.core.errors import InputError

from .request import TIME, Request

_OURS = str(Path(__file__).parent)
_TORCH = str(Path(torch.__file__).parent)
NOT_FINITE = (
    "forward gives NaN or infinity for normal random inputs, for those of 0..1 and for values like "
    "the example's; give an example with values that it can read"
)
DECIDES = (
    "decides by the values of a tensor, and a graph can't branch so; compute both and choose with "
    "torch.where"
)


def where(error: BaseException) -> str:
    """Name the line of the caller's code that an error came from, as ` at FILE:LINE (code)`."""
    return _line(traceback.extract_tb(error.__traceback__))


def caller() -> str:
    """Name the line of the caller's code that runs now."""
    return _line(traceback.extract_stack())


def _line(stack: Iterable[traceback.FrameSummary]) -> str:
    found = ""
    for frame in stack:
        if frame.filename.startswith((_OURS, _TORCH, "<")) or frame.name != "forward":
            continue
        found = f" at {Path(frame.filename).name}:{frame.lineno} ({frame.line})"
    return found


def first_line(error: BaseException) -> str:
    """Give the first line of an error's text that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__


def forward_failed(error: Exception, when: str, request: Request) -> InputError:
    """Say that forward can't be run."""
    shapes = ", ".join(f"{name} {list(value.shape)}" for name, value in request.inputs.items())
    advice = ""
    if "sizes" in when:
        axes = {name: request.axes.get(name) for name in request.inputs}
        advice = (
            f"; a size that must stay as it is gets None in axes=…, now {axes}; "
            "in a rank of 3 and more the first axis is taken as the batch, the second as time"
        )
    return InputError(f"forward fails {when} ({shapes}){where(error)}: {first_line(error)}{advice}")


def not_exportable(error: Exception, request: Request) -> InputError:
    """Say why torch's exporter can't make a graph of forward."""
    chain = list(_chain(error))
    text = " ".join(f"{type(e).__name__} {e}" for e in chain)
    place = next((found for e in chain if (found := where(e))), "")
    operator = re.search(r"No ONNX function found for <OpOverload\(op='([^']+)'", text)
    if operator or "DispatchError" in text:
        name = operator[1] if operator else "one of its operators"
        return InputError(f"ONNX has no operator for {name}; write it with others, or without it")
    if re.search(r"data.dependent|GuardOnDataDependent|Eq\(u\d|\.item\(\)", text, re.I):
        return InputError(f"forward{place} {DECIDES}")
    specialized = re.search(r"specializ|Constraints violated|ConstraintViolation", text, re.I)
    if specialized:
        names = [s for s in request.sizes if re.search(rf"\b{s}\b", text)] or [TIME]
        return InputError(
            f"forward fixes the axis {names[0]!r}: a Python loop over it, or a size written as a "
            "number. Use x.shape in reshapes and one nn.RNN, nn.GRU or nn.LSTM over the sequence, "
            f"or give the axis None instead of {names[0]!r} in axes=…"
        )
    return InputError(f"torch can't export forward{place}: {first_line(chain[-1])}")


def _chain(error: BaseException) -> Iterable[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
