"""A GRU of your own over twelve sensors: trained on normal data, its alarms stepped without torch.

    python examples/anomaly_gru.py  # ten seconds; writes anomaly.onnx and anomaly-c here

The twelve sensors follow three slow quantities that nobody measures. The network squeezes what it
has read into three numbers and rebuilds the sensors from them: a sensor that doesn't fit the others
is far from what is rebuilt.
"""

import shutil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import qibu
from qibu.cli.main import main as qibu_command
from qibu_export import export_module


class Anomaly(nn.Module):
    """Scores each row of sensors; 1 is the limit of an alarm."""

    limit: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(12, 32, batch_first=True)
        self.rebuild = nn.Sequential(nn.Linear(32, 3), nn.Linear(3, 12))
        self.register_buffer("limit", torch.ones(()))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Take (batch, time, 12); give a score (batch, time) and what each sensor is off by."""
        off = x - self.rebuild(self.rnn(x)[0])
        return off.square().amax(-1) / self.limit, off


def normal_days(count: int, steps: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Give (count, steps, 12): three slow swings, mixed in twelve ways, with a little noise."""
    mix = np.random.default_rng(12).normal(size=(3, 12))  # the plant is the same on all days
    pace = random.uniform(0.02, 0.1, (count, 1, 3))
    phase = random.uniform(0, 2 * np.pi, (count, 1, 3))
    swings = np.sin(pace * np.arange(steps)[:, None] + phase)
    days = swings @ mix + random.normal(0, 0.05, (count, steps, 12))
    return days.astype(np.float32)


def train(model: Anomaly, random: np.random.Generator) -> None:
    """Train on normal days, then set the limit so that one normal row in 10,000 is above it."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(150):
        _, off = model(torch.from_numpy(normal_days(32, 60, random)))
        loss = off.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        scores, _ = model(torch.from_numpy(normal_days(200, 200, random)))
        model.limit.fill_(np.quantile(scores[:, 20:].numpy(), 0.9999))


def watch(random: np.random.Generator) -> None:
    """Watch 100 days with one fault each, row by row; no torch from here on."""
    days = normal_days(100, 200, random)
    sensors = random.integers(0, 12, 100)
    for day, sensor in zip(days, sensors, strict=True):
        day[120:, sensor] += random.choice([-1, 1]) * random.uniform(0.3, 1)  # off from here
    stepper = qibu.Stepper("anomaly.onnx")
    state = stepper.initial_state(batch=100)  # a hundred plants, one state for each
    alarms, named = [], []
    for row in range(200):
        outputs, state = stepper.step({"x": days[:, [row]]}, state)
        alarms.append(outputs["score"][:, 0] > 1)
        named.append(np.abs(outputs["off_by"][:, 0]).argmax(-1))
    before, after = np.array(alarms[20:120]), np.array(alarms[120:130])
    right = after.any(0) & (np.array(named)[120:130][after.argmax(0), range(100)] == sensors)
    print(f"faults found within 10 rows: {after.any(0).sum()} of 100, sensor right: {right.sum()}")
    print(f"false alarms: {before.sum()} in {before.size:,} normal rows")


def main() -> None:
    """Train, export, verify, step, and make C of it."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    model = Anomaly()
    train(model, random)
    row = {"x": torch.zeros(1, 1, 12)}  # forward's argument, an example of one step
    told = "an alarm where score is above 1; off_by says which sensor"
    names = ["score", "off_by"]
    print(export_module(model, "anomaly.onnx", inputs=row, outputs=names, description=told))
    assert qibu_command(["verify", "anomaly.onnx"]) == 0
    watch(random)
    if shutil.which("cc"):
        raise SystemExit(qibu_command(["export", "anomaly.onnx", "--c", "anomaly-c"]))


if __name__ == "__main__":
    main()
