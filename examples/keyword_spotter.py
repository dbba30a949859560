"""A keyword spotter of your own: causal convolutions and a GRU, fed a frame at a time.

    python examples/keyword_spotter.py  # writes keyword.onnx and keyword-c here

The "words" are short sweeps over twenty bands in noise; after each frame the network says which one
has just ended, if any. Its convolutions look back only; the file has their last frames as state.
"""

import shutil

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import qibu
from qibu.cli.main import main as qibu_command
from qibu_export import export_module

BANDS, LENGTH = 20, 12  # frequency bands of a frame; frames of a word
WORDS = {"up": (2, 17), "down": (17, 2), "hill": (4, 16, 4), "valley": (16, 4, 16)}
LABELS = ["nothing", *WORDS]
Recordings = tuple[NDArray[np.float32], NDArray[np.int64]]


class Spotter(nn.Module):
    """Scores (batch, time, 5) of frames (batch, time, 20)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(BANDS, 24, 3)
        self.second = nn.Conv1d(24, 24, 3, dilation=2, groups=8)
        self.rnn = nn.GRU(24, 32, batch_first=True)
        self.head = nn.Linear(32, len(LABELS))

    def forward(self, frames: Tensor) -> Tensor:
        """Pad on the left only: a frame sees itself and what came before."""
        x = frames.transpose(1, 2)
        x = self.first(nn.functional.pad(x, (2, 0))).relu()
        x = x + self.second(nn.functional.pad(x, (4, 0))).relu()
        return torch.softmax(self.head(self.rnn(x.transpose(1, 2))[0]), -1)


def recordings(count: int, words: int, random: np.random.Generator) -> Recordings:
    """Give frames (count, time, 20) and of each frame which word has just ended, 0 for none."""
    frames = random.normal(0, 0.4, (count, words * 3 * LENGTH, BANDS))
    ended = np.zeros(frames.shape[:2], np.int64)
    for row, place in np.ndindex(count, words):
        start = place * 3 * LENGTH + random.integers(0, LENGTH)
        corners = WORDS[LABELS[label := random.integers(1, len(LABELS))]]
        way = np.interp(np.linspace(0, 1, LENGTH), np.linspace(0, 1, len(corners)), corners)
        word = random.uniform(0.8, 1.5) * np.exp(-((np.arange(BANDS) - way[:, None]) ** 2) / 3)
        frames[row, start : start + LENGTH] += word
        ended[row, start + LENGTH : start + LENGTH + 4] = label
    return frames.astype(np.float32), ended


def train(model: Spotter, random: np.random.Generator) -> None:
    """Train on recordings that are made on the way."""
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _ in range(200):
        frames, ended = map(torch.from_numpy, recordings(16, 3, random))
        loss = nn.functional.nll_loss(model(frames).clamp_min(1e-6).log().mT, ended)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def listen(random: np.random.Generator) -> None:
    """Listen to one long recording frame by frame; no torch from here on."""
    frames, ended = recordings(1, 200, random)
    stepper = qibu.Stepper("keyword.onnx")
    state = stepper.initial_state()
    heard = []
    for frame in frames[0]:
        outputs, state = stepper.step({"frames": frame[None, None]}, state)
        words = outputs["words"][0, 0]  # probabilities
        heard.append(int(words.argmax()) if words.max() > 0.7 else 0)
    starts = np.flatnonzero(np.diff(ended[0], prepend=0) > 0)
    right = sum(ended[0, at] in heard[at : at + 4] for at in starts)
    wrong = sum(h not in (0, *ended[0, max(i - 1, 0) : i + 2]) for i, h in enumerate(heard))
    print(f"words heard: {right} of {len(starts)}; wrong frames: {wrong} of {len(heard):,}")


def main() -> None:
    """Train, export, verify, step, and make C of it."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    model = Spotter()
    train(model, random)
    frame = {"frames": torch.zeros(1, 1, BANDS)}
    print(export_module(model, "keyword.onnx", inputs=frame, outputs=["words"]))
    assert qibu_command(["verify", "keyword.onnx"]) == 0
    listen(random)
    if shutil.which("cc"):
        raise SystemExit(qibu_command(["export", "keyword.onnx", "--c", "keyword-c"]))


if __name__ == "__main__":
    main()
