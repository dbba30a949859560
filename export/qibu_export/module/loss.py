"""What 8 bits cost: measured by the caller's own figure, or on recordings that the caller gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from qibu.core.arrays import Array
from qibu.core.errors import InputError, VerificationError
from qibu.core.stepper import Stepper

from .request import Request, batch_of

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
    """How much worse a file in 8 bits is than the same in float32.

    Attributes:
        text: what was found, in words.
        quality: what the file says of it.
        problem: why the file may not be written; empty: it may.
    """

    text: str
    quality: Mapping[str, Any]
    problem: str = ""

    def check(self, precision: str) -> None:
        """Refuse what is above the bound for a file of this precision.

        Raises:
            VerificationError: no file may be written.
        """
        if self.problem:
            instead = "float32" + (" or int8-weights" if precision == "int8" else "")
            raise VerificationError(
                f"8 bits cost too much (no file was written): {self.problem}; export in {instead}"
            )


class Judge(Protocol):
    """Measures a file, and says what was lost between two."""

    def measure(self, path: Path) -> Any:
        """Measure a file."""

    def quality(self, path: Path) -> Mapping[str, Any]:
        """Give what a file in float32 says of its quality."""

    def loss(self, found: Any, reference: Any) -> Loss:
        """Compare what was measured on a file in 8 bits with what was in float32."""


def judge_of(measure: object, precision: str, request: Request) -> Judge | None:
    """Give who judges by the argument `measure` of `export_module`.

    Raises:
        InputError: it is missing, neither a function nor recordings, or a recording doesn't fit.
    """
    if measure is None:
        if precision != "float32":
            raise InputError(f"a file in {precision} has to be measured: pass {WANTED}")
        return None
    if callable(measure):
        return _ByFigure(measure)
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
    return _ByRecordings([arrays_of(recording) for recording in measure], request)


@dataclass(frozen=True)
class _ByFigure:
    """Judges by a figure of the caller's, the smaller the better."""

    figure: Figure

    def measure(self, path: Path) -> float:
        """Give the figure of a file.

        Raises:
            InputError: it is no finite number.
        """
        found = self.figure(path)
        try:
            figure = float(found)
        except (TypeError, ValueError):
            figure = float("nan")
        if not isfinite(figure):
            raise InputError(f"measure must return a finite number, got {found!r:.80}")
        return figure

    def quality(self, path: Path) -> Mapping[str, Any]:
        return {"measure": self.measure(path)}

    def loss(self, found: float, reference: float) -> Loss:
        worse = found - reference
        # of a figure that was 0, any increase is without measure
        share = worse / abs(reference) if reference else float("inf") if worse > 0 else 0.0
        return _loss(
            share,
            MOST_INCREASE,
            f"measure gives {found:.5g}, in float32 {reference:.5g}, {share:.2%} worse",
            {"measure": found, "float32": {"measure": reference}, "loss": share},
        )


@dataclass(frozen=True)
class _ByRecordings:
    """Judges by what a file answers to recorded inputs."""

    recordings: Sequence[Recording]
    request: Request

    def measure(self, path: Path) -> Outputs:
        """Give the answers of a file.

        Raises:
            InputError: a recording can't be read.
        """
        stepper = Stepper(path)
        found: Outputs = []
        for number, recording in enumerate(self.recordings):
            try:
                found.append(self._answer(stepper, recording))
            except InputError as error:
                raise InputError(f"measure[{number}]: {error}") from error
        return found

    def quality(self, path: Path) -> Mapping[str, Any]:
        return {}

    def loss(self, found: Outputs, reference: Outputs) -> Loss:
        shares = {name: _share(name, found, reference) for name in reference[0]}
        worst = max(shares, key=lambda name: (np.isnan(shares[name]), shares[name]))
        return _loss(
            shares[worst],
            MOST_DIFFERENCE,
            f"on the recordings {worst} differs by {shares[worst]:.2%} of its size in the mean",
            {"loss": shares[worst], "recordings": len(found)},
        )

    def _answer(self, stepper: Stepper, recording: Recording) -> dict[str, Array]:
        examples = self.request.inputs
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
            state, steps = stepper.initial_state(batch_of(parts[0], self.request.axes)), []
            for part in parts:
                outputs, state = stepper.step(part, state)
                steps.append(outputs)
        return {name: np.stack([step[name] for step in steps]) for name in steps[0]}


def _loss(share: float, most: float, text: str, quality: Mapping[str, Any]) -> Loss:
    good = share <= most  # NaN isn't
    return Loss(text, quality, "" if good else f"{text}; at most {most:.0%} is allowed")


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
