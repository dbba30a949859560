"""What 8 bits cost: measured by the caller's own figure, or on recordings that the caller gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from qibu.core.arrays import Array
from qibu.core.errors import InputError, VerificationError
from qibu.core.stepper import Stepper

from .request import BATCH, Request

MOST_INCREASE = 0.01  # of the caller's figure, as a share of what it is in float32
MOST_DIFFERENCE = 0.05  # of the outputs on the recordings, as a share of their size
WANTED = (
    "measure=f, called with the file's path, whose figure is smaller the better; or "
    "measure=[{'x': recording}, …], recorded inputs, each shaped as forward takes it or with one "
    "axis of steps more in front"
)

Figure = Callable[[Path], float]
Recording = Mapping[str, Array]
Outputs = list[dict[str, Array]]  # of each recording


@dataclass(frozen=True)
class Loss:
    """How much worse a file in 8 bits is than the same in float32."""

    value: float  # a share
    most: float
    text: str
    quality: Mapping[str, Any]  # what the file says of it

    def check(self, precision: str) -> None:
        """Refuse what is above the bound for a file of this precision.

        Raises:
            VerificationError: no file may be written.
        """
        if not self.value <= self.most:
            instead = "'float32'" + (" or 'int8-weights'" if precision == "int8" else "")
            raise VerificationError(
                f"8 bits cost too much (no file was written): {self.text}; at most "
                f"{self.most:.0%} is allowed: precision={instead}"
            )


def check_measure(measure: object, precision: str, request: Request) -> None:
    """Hold the argument `measure` against what `export_module` takes.

    Raises:
        InputError: it is missing, neither a function nor recordings, or a recording doesn't fit.
    """
    if measure is None:
        if precision != "float32":
            raise InputError(f"a file in {precision} has to be measured: pass {WANTED}")
        return
    if callable(measure):
        return
    if not isinstance(measure, Sequence) or isinstance(measure, str) or not measure:
        raise InputError(f"measure must be a function or recordings: {WANTED}; got {measure!r:.80}")
    for number, recording in enumerate(measure):
        where = f"measure[{number}]"
        if not isinstance(recording, Mapping) or set(recording) != set(request.data):
            got = list(recording) if isinstance(recording, Mapping) else type(recording).__name__
            raise InputError(f"{where} must name {', '.join(request.data)}, got {got}")
        arrays = arrays_of(recording)
        more = {arrays[name].ndim - request.inputs[name].dim() for name in request.data}
        if more not in ({0}, {1}):
            shapes = ", ".join(f"{name} {list(arrays[name].shape)}" for name in request.data)
            ranks = ", ".join(f"{name} {request.inputs[name].dim()}" for name in request.data)
            raise InputError(
                f"{where} has {shapes}; it must have the rank of the examples ({ranks}), or for "
                "all one axis of steps more in front"
            )


class Measure:
    """What `measure` is, as a function of a file."""

    def __init__(self, measure: Figure | Sequence[Recording], request: Request) -> None:
        self._measure, self._request = measure, request

    def __call__(self, path: Path) -> float | Outputs:
        """Give the caller's figure, or what the file answers to the recordings.

        Raises:
            InputError: the figure is no number, or a recording can't be read.
        """
        if callable(self._measure):
            return figure_of(self._measure, path)
        stepper = Stepper(path)
        found: Outputs = []
        for number, recording in enumerate(self._measure):
            try:
                found.append(self._answer(stepper, arrays_of(recording)))
            except InputError as error:
                raise InputError(f"measure[{number}]: {error}") from error
        return found

    def _answer(self, stepper: Stepper, recording: Recording) -> dict[str, Array]:
        examples = self._request.inputs
        if all(array.ndim == examples[name].dim() for name, array in recording.items()):
            return stepper.run(recording)
        counts = {name: len(array) for name, array in recording.items()}
        if len(set(counts.values())) != 1 or not min(counts.values()):
            raise InputError(f"all must have as many steps, at least one; got {counts}")
        parts = [
            {name: array[step] for name, array in recording.items()}
            for step in range(min(counts.values()))
        ]
        if not stepper.pairs:
            steps = [stepper.run(part) for part in parts]
        else:
            state, steps = stepper.initial_state(self._batch(parts[0])), []
            for part in parts:
                outputs, state = stepper.step(part, state)
                steps.append(outputs)
        return {name: np.stack([step[name] for step in steps]) for name in steps[0]}

    def _batch(self, part: Recording) -> int:
        axes = self._request.axes
        sizes = [a.shape[axes[n].index(BATCH)] for n, a in part.items() if BATCH in axes[n]]
        return sizes[0] if sizes else 1


def figure_of(measure: Figure, path: Path) -> float:
    """Give the caller's figure of a file.

    Raises:
        InputError: it is no finite number.
    """
    found = measure(path)
    try:
        figure = float(found)
    except (TypeError, ValueError):
        figure = float("nan")
    if not isfinite(figure):
        raise InputError(f"measure must return a finite number, got {found!r:.80}")
    return figure


def loss_of(found: float | Outputs, reference: float | Outputs) -> Loss:
    """Compare what was measured on a file in 8 bits with what was in float32."""
    if isinstance(found, float) and isinstance(reference, float):
        worse = found - reference
        # of a figure that was 0, any increase is without measure
        value = worse / abs(reference) if reference else float("inf") if worse > 0 else 0.0
        return Loss(
            value,
            MOST_INCREASE,
            f"measure gives {found:.5g}, in float32 {reference:.5g}, {value:.2%} worse",
            {"measure": found, "float32": {"measure": reference}, "loss": value},
        )
    assert isinstance(found, list) and isinstance(reference, list)  # of one measure
    shares = {name: _share(name, found, reference) for name in reference[0]}
    worst = max(shares, key=lambda name: (np.isnan(shares[name]), shares[name]))
    return Loss(
        shares[worst],
        MOST_DIFFERENCE,
        f"on the recordings {worst} differs by {shares[worst]:.2%} of its size in the mean",
        {"loss": shares[worst], "recordings": len(found)},
    )


def _share(name: str, found: Outputs, reference: Outputs) -> float:
    """Give an output's mean difference as a share of its mean size; of classes, those it misses."""
    pairs = [(a[name], b[name]) for a, b in zip(found, reference, strict=True)]
    if pairs[0][1].dtype.kind != "f":
        return float(np.concatenate([np.ravel(a != b) for a, b in pairs]).mean())
    off = sum(float(np.abs(a.astype(np.float64) - b).sum()) for a, b in pairs)
    size = sum(float(np.abs(b.astype(np.float64)).sum()) for _, b in pairs)
    return off / size if size else off


def arrays_of(recording: Mapping[str, Any]) -> dict[str, Array]:
    """Give a recording's arrays, which may be tensors."""
    return {
        name: value.detach().numpy() if isinstance(value, Tensor) else np.asarray(value)
        for name, value in recording.items()
    }
