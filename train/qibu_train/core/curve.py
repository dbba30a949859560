"""A picture of a run's figures by epoch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from qibu.core.files import atomic_path


def draw_curve(history: Sequence[dict[str, Any]], measure: str, path: Path) -> None:
    """Draw the training loss and the validation figure by epoch as a PNG."""
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    epochs = [row["epoch"] for row in history]
    left = figure.subplots()
    left.plot(epochs, [row["loss"] for row in history], "o-", color="tab:blue")
    left.set_xlabel("epoch")
    left.set_ylabel("training loss (nats)", color="tab:blue")
    right = left.twinx()
    right.plot(epochs, [row[f"validation_{measure}"] for row in history], "s-", color="tab:red")
    right.set_ylabel(f"validation {measure}", color="tab:red")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=120)
