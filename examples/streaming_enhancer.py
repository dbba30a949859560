"""An enhancer of your own: noise taken out of a signal frame by frame, while it arrives.

    python examples/streaming_enhancer.py  # writes enhancer.onnx and enhancer-c here

A tone whose pitch and loudness wander, in noise as loud as itself. Causal convolutions over frames
of 32 samples and a GRU say what is signal. Of an endless stream a frame goes in, a frame comes out.
"""

import shutil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import qibu
from qibu.cli.main import main as qibu_command
from qibu_export import export_module

Floats = NDArray[np.float32]
FRAME, RATE = 32, 8000  # samples a frame (4 ms); samples a second


class Enhancer(nn.Module):
    """Frames of samples in, frames of samples out: (batch, time, 32)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(FRAME, 96, 3)
        self.second = nn.Conv1d(96, 96, 3, dilation=2, groups=4)
        self.rnn = nn.GRU(96, 96, batch_first=True)
        self.back = nn.Linear(96, FRAME)

    def forward(self, noisy: Tensor) -> Tensor:
        """Pad on the left only: a frame sees itself and what came before."""
        x = noisy.transpose(1, 2)
        x = nn.functional.elu(self.first(nn.functional.pad(x, (2, 0))))
        x = x + nn.functional.elu(self.second(nn.functional.pad(x, (4, 0))))
        y, _ = self.rnn(x.transpose(1, 2))
        return torch.tanh(self.back(x.transpose(1, 2) * y)) * 2


def signals(count: int, frames: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Give the noisy signals and the clean ones, each (count, frames, 32)."""
    time = np.arange(frames * FRAME) / RATE
    pace, start = random.uniform(0.3, 2, (2, count, 1)), random.uniform(0, 1, (2, count, 1))
    wander = np.sin(2 * np.pi * (pace * time + start))
    pitch = random.uniform(150, 300, (count, 1)) * (1 + 0.1 * wander[0])
    phase = 2 * np.pi * np.cumsum(pitch, 1) / RATE
    clean = (1 + wander[1]) * (np.sin(phase) + np.sin(2 * phase) / 2) / 2
    noisy = clean + random.normal(0, np.sqrt(np.square(clean).mean()), clean.shape)
    framed = np.stack([noisy, clean]).reshape(2, count, frames, FRAME).astype(np.float32)
    return framed[0], framed[1]


def train(model: Enhancer, random: np.random.Generator) -> None:
    """Train on signals that are made on the way."""
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(200):
        noisy, clean = map(torch.from_numpy, signals(16, 50, random))
        loss = nn.functional.mse_loss(model(noisy), clean)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def noise_db(found: Floats, clean: Floats) -> float:
    """Say how loud what is wrong is beside the signal, in decibels."""
    return float(10 * np.log10(np.square(found - clean).mean() / np.square(clean).mean()))


def enhance(random: np.random.Generator) -> None:
    """Clean twenty signals of two seconds as they arrive; no torch from here on."""
    noisy, clean = signals(20, 2 * RATE // FRAME, random)
    stepper = qibu.Stepper("enhancer.onnx")
    stream = qibu.Stream(stepper, stepper.initial_state(batch=20))  # a step allocates nothing
    cleaned = np.empty_like(noisy)
    for frame in range(noisy.shape[1]):
        stream.step({"noisy": noisy[:, [frame]]})
        cleaned[:, [frame]] = stream.outputs["cleaned"]
    before, after = (noise_db(x, clean) for x in (noisy, cleaned))
    print(f"noise beside the signal: {before:.1f} dB, cleaned {after:.1f} dB")


def main() -> None:
    """Train, export, verify, step, and make C of it."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    model = Enhancer()
    train(model, random)
    frame = torch.zeros(1, 1, FRAME)
    print(export_module(model, "enhancer.onnx", inputs={"noisy": frame}, outputs=["cleaned"]))
    assert qibu_command(["verify", "enhancer.onnx"]) == 0
    enhance(random)
    if shutil.which("cc"):
        raise SystemExit(qibu_command(["export", "enhancer.onnx", "--c", "enhancer-c"]))


if __name__ == "__main__":
    main()
