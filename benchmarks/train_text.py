"""How fast does `qibu train text` train, beside the plainest loop that torch users write?

The plain loop is embedding, LSTM, linear layer, cross-entropy and Adam, in float32. Qibu's is the
trainer's own step with the settings that it gives such a text by itself: dropout, clipping, the
learning rate's schedule, tied weights. Both read the same batches on one thread; the processor's
time is taken, which other programs don't lengthen.
"""

import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from qibu.core.errors import InputError
from qibu_train.core.trainer import Trainer
from qibu_train.own_text.config import PRESETS, TextConfig
from qibu_train.own_text.task import TextTask
from qibu_train.own_text.windows import Batch
from report import report
from timing import Contestant, interleave

SIZES, CELLS, ROUNDS = (256, 512), ("lstm", "gru"), 9
BYTES = 1_000_000  # of the standard library's source


class PlainModel(nn.Module):
    """What everybody writes first."""

    def __init__(self, cell: str, vocabulary_size: int, hidden_size: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, hidden_size)
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[cell]
        self.rnn = kind(hidden_size, hidden_size, layers, batch_first=True)
        self.linear = nn.Linear(hidden_size, vocabulary_size)

    def forward(
        self, tokens: Tensor, state: Tensor | tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
        outputs, state = self.rnn(self.embedding(tokens), state)
        return self.linear(outputs), state


def plain(task: TextTask) -> Callable[[Batch], None]:
    """Give a step of the plain loop."""
    config = task.config
    size = len(task.extra)
    model = PlainModel(config.cell, size, config.hidden_size, config.num_layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    kept: list[Tensor | tuple[Tensor, Tensor] | None] = [None]

    def step(batch: Batch) -> None:
        tokens, targets, first = task.collate(batch)
        logits, state = model(tokens, None if first else kept[0])
        loss: Any = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        kept[0] = (
            state.detach() if isinstance(state, Tensor) else (state[0].detach(), state[1].detach())
        )

    return step


def ours(task: TextTask, bfloat16: bool, folder: Path) -> Callable[[Batch], int]:
    """Give a step of Qibu's trainer."""
    trainer = Trainer(replace(task.config, bfloat16=bfloat16), task, folder)
    trainer.at.length = len(task.plan(0))
    trainer.network.train()
    return trainer.step


def contestant(task: TextTask, step: Callable[[Batch], object]) -> Contestant:
    """Time full batches of an epoch, one after another."""

    def full() -> Iterator[Batch]:
        for epoch in count():
            plan = task.plan(epoch)
            most = max(task.count(batch) for batch in plan)
            yield from (batch for batch in plan if task.count(batch) == most)

    waiting = full()

    def run() -> tuple[float, int]:
        batch = next(waiting)
        started = time.process_time()
        step(batch)
        return time.process_time() - started, task.count(batch)

    return run


def source_text(path: Path) -> None:
    """Write some source code of Python's own."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    text = "".join(file.read_text("utf-8") for file in files)
    path.write_text(text[:BYTES], "utf-8")


def main() -> None:
    torch.set_num_threads(1)
    rows, figures, raw = [], {}, {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source_text(folder / "source.txt")
        for cell in CELLS:
            for size in SIZES:
                config: TextConfig = replace(PRESETS[cell], hidden_size=size, unit="char")
                task = TextTask(config, folder / "source.txt")
                steps: dict[str, Callable[[Batch], object]] = {
                    "plain, float32": plain(task),
                    "Qibu, float32": ours(task, False, folder),
                }
                try:
                    steps["Qibu, bfloat16"] = ours(task, True, folder)
                except InputError as error:
                    print(error, file=sys.stderr)
                racers = {key: contestant(task, step) for key, step in steps.items()}
                times = interleave(racers, ROUNDS, warm_up=1)
                for key in racers:
                    # how many characters ours reads while the plain loop reads one
                    ratio = times.ratio("plain, float32", key)
                    speed = 1e6 / times.median(key)
                    label = f"{cell.upper()} 2 × {size}: {key}"
                    rows.append((label, f"{speed:,.0f}", f"{ratio:.2f}"))
                    figures[f"{label}, characters ÷ plain"] = ratio
                    raw[label] = times.microseconds[key]
    report(
        __file__,
        ("loop", "characters a second", "÷ plain"),
        rows,
        settings={"threads": 1, "rounds": ROUNDS, "clock": "the processor's time"},
        figures=figures,
        raw=raw,
    )


if __name__ == "__main__":
    main()
