"""A policy of your own: an LSTM that balances a pole whose speed it can't see.

    python examples/policy.py  # writes policy.onnx and policy-c here

An expert that sees both shows what to do; the policy sees a noisy angle alone and has to remember.
Each agent's memory is a row of the state: replaced where one begins anew, forked to try futures.
"""

import shutil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import qibu
from qibu.cli.main import main as qibu_command
from qibu_export import export_module

Floats = NDArray[np.float64]
Lives = tuple[Floats, qibu.State, Floats]
START, WIND = (0.1, 0.3), 5.0  # rad and rad/s; the push of a gust, beside the policy's at most 10


class Policy(nn.Module):
    """Noisy angles (batch, time, 1) in, pushes (batch, time, 1) out."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(1, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, angle: Tensor) -> Tensor:
        """Remember, then push."""
        return 10 * torch.tanh(self.head(self.rnn(10 * angle)[0]))


def move(pole: Floats, push: Floats) -> Floats:
    """Give angle and speed (agents, 2), in rad and rad/s, a fiftieth of a second later."""
    speed = pole[:, 1] + (10 * np.sin(pole[:, 0]) + push) / 50
    return np.stack([pole[:, 0] + speed / 50, speed], 1)


def seen(pole: Floats, random: np.random.Generator) -> NDArray[np.float32]:
    """Give what a policy sees of each pole: a noisy angle, (agents, 1, 1)."""
    return (pole[:, :1, None] + random.normal(0, 0.01, (len(pole), 1, 1))).astype(np.float32)


def train(model: Policy, random: np.random.Generator) -> None:
    """Let the policy say at each moment what the expert does; the wind brings mistakes to mend."""
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(150):
        pole, angles, wanted = random.normal(0, START, (64, 2)), [], []
        for _ in range(60):
            angles.append(seen(pole, random)[:, 0])
            wanted.append(np.clip(-30 * pole[:, :1] - 8 * pole[:, 1:], -10, 10))
            pole = move(pole, wanted[-1][:, 0] + random.normal(0, WIND, 64))
        x, y = (torch.from_numpy(np.stack(rows, 1)).float() for rows in (angles, wanted))
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def live(stepper: qibu.Stepper, poles: Floats, state: qibu.State, steps: int) -> Lives:
    """Balance poles in wind; give poles, state, and how often each fell and began anew."""
    random, falls = np.random.default_rng(1), np.zeros(len(poles))
    for _ in range(steps):
        outputs, state = stepper.step({"angle": seen(poles, random)}, state)
        poles = move(poles, outputs["push"][:, 0, 0] + random.normal(0, WIND, len(poles)))
        if (fell := np.abs(poles[:, 0]) > 0.5).any():
            rows = state.split()  # those of the others stay as they are
            for agent in np.flatnonzero(fell):
                rows[agent] = stepper.initial_state()
            state, poles[fell], falls[fell] = qibu.State.stack(rows), 0, falls[fell] + 1
    return poles, state, falls


def main() -> None:
    """Train, export, verify, step, and make C of it."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    train(model := Policy(), random)
    one = {"angle": torch.zeros(1, 1, 1)}  # forward's argument, an example of one step
    print(export_module(model, "policy.onnx", inputs=one, outputs=["push"]))
    assert qibu_command(["verify", "policy.onnx"]) == 0
    stepper = qibu.Stepper("policy.onnx")  # no torch from here on
    poles, state = random.normal(0, START, (100, 2)), stepper.initial_state(batch=100)
    poles, state, falls = live(stepper, poles, state, 500)
    print(f"falls of 100 poles in 10 seconds: {falls.sum():.0f}")
    blows = np.linspace(-4, 4, 81)  # what would a blow do to the first pole now?
    hit, futures = poles[:1] + [0, 1] * blows[:, None], state.split()[0].fork(81)
    stood = blows[live(stepper, hit, futures, 100)[2] == 0]
    print(f"it would stand blows from {stood.min():.1f} to {stood.max():.1f} rad/s")
    if shutil.which("cc"):
        raise SystemExit(qibu_command(["export", "policy.onnx", "--c", "policy-c"]))


if __name__ == "__main__":
    main()
