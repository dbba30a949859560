"""An application of your own in one file: what `qibu.load` makes of files of your task.

    python examples/own_application.py

A sensor drifts slowly; what is far from its running mean is an alarm. The graph holds the mean as
explicit state, the file's part "alarm" holds the limit, and the application makes an `Alarm` of it.
Needs onnx besides qibu, to make the file; using it needs qibu alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx

import qibu
from qibu.core.model_file import KEY, PortNote


class Alarm:
    """Says of each reading whether it is far from the running mean."""

    def __init__(self, stepper: qibu.Stepper) -> None:
        self.stepper = stepper
        self.limit = float(stepper.part)

    def watch(self, readings: Iterable[float]) -> Iterator[bool]:
        """Give an answer a reading, with the first as the mean to begin with."""
        state = None
        for reading in readings:
            x = np.full((1, 1), reading, np.float32)
            if state is None:
                state = self.stepper.state_from({"mean_in": x})
            outputs, state = self.stepper.step({"reading": x}, state)
            yield bool(outputs["distance"][0, 0] > self.limit)


def read_part(
    spec: qibu.ModelSpec, inputs: Mapping[str, qibu.Port], outputs: Mapping[str, qibu.Port]
) -> float:
    """Read the file's part "alarm"; a broken one is a clear error when the file is opened."""
    limit = spec.part.get("limit")
    if not isinstance(limit, int | float) or limit <= 0:
        raise qibu.ModelFileError(f"'qibu'.alarm.limit must be a number above 0, got {limit!r}")
    return float(limit)


qibu.register(
    qibu.Application(
        task="alarm",
        open=Alarm,
        inputs=frozenset({"reading"}),
        outputs=frozenset({"distance"}),
        read_part=read_part,
    )
)


def make_file(path: Path, keep: float, limit: float) -> None:
    """Write distance = |reading - mean|, mean = keep * mean + (1 - keep) * reading."""
    model = onnx.parser.parse_model(
        f"""<ir_version: 8, opset_import: ["" : 17]>
        alarm (float[batch, 1] reading, float[batch, 1] mean_in)
            => (float[batch, 1] distance, float[batch, 1] mean_out)
            <float[1] share = {{{1 - keep}}}>
        {{
            difference = Sub(reading, mean_in)
            distance = Abs(difference)
            change = Mul(difference, share)
            mean_out = Add(mean_in, change)
        }}"""
    )
    spec = qibu.ModelSpec(
        task="alarm",
        part={"limit": limit},
        description="an alarm where a sensor is far from its running mean",
        states=(qibu.StatePair("mean_in", "mean_out", (None, 1)),),
        ports={"reading": PortNote("a sensor's reading", unit="°C", batch_axis=0)},
    )
    onnx.helper.set_model_props(model, {KEY: spec.to_json()})
    onnx.save(model, path)


def main() -> None:
    """Make a file, open it, and watch a sensor that drifts and jumps once."""
    readings = 20 + 0.05 * np.arange(40) + np.random.default_rng(0).normal(0, 0.2, 40)
    readings[25] += 6
    with TemporaryDirectory() as folder:
        path = Path(folder) / "alarm.onnx"
        make_file(path, keep=0.9, limit=3.0)
        alarm = qibu.load(path)
        assert isinstance(alarm, Alarm)
        found = [place for place, answer in enumerate(alarm.watch(readings)) if answer]
    print(f"alarm at reading {', '.join(map(str, found))}")


if __name__ == "__main__":
    main()
