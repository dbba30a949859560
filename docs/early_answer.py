"""Show how early a digits model knows its answer: python docs/early_answer.py docs/early-answer.png

A table and a picture of the accuracy on MNIST's 10,000 test pictures after each row, from what the
bundled files say of themselves; `qibu evaluate digits MODEL --json` measures it anew.
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

from qibu.bundled import bundled_models
from qibu.quality.catalogue import cell_name, read_spec


def curves() -> dict[str, tuple[str, list[float]]]:
    """Give the cell and the accuracy after each row of the bundled models that tell it."""
    specs = {name: read_spec(path) for name, path in bundled_models().items() if name != "digits"}
    return {  # "digits" is the best of the others again
        name: (cell_name(spec.cell), list(spec.quality["accuracy_by_row"]))
        for name, spec in specs.items()
        if "accuracy_by_row" in spec.quality
    }


def draw(shown: dict[str, tuple[str, list[float]]], path: Path) -> None:
    """Draw the curves as a PNG."""
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    for name, (cell, accuracies) in shown.items():
        axes.plot(range(1, len(accuracies) + 1), accuracies, label=f"{name} ({cell})")
    axes.set_xlabel("rows read, from the top")
    axes.set_ylabel("accuracy on the test pictures")
    axes.set_ylim(0, 1)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Print the table and write the picture."""
    shown = curves()
    print(f"| row | {' | '.join(f'`{name}`' for name in shown)} |")
    print(f"| ---: | {' | '.join(['---:'] * len(shown))} |")
    for row in range(2, 29, 2):
        cells = " | ".join(f"{accuracies[row - 1]:.1%}" for _, accuracies in shown.values())
        print(f"| {row} | {cells} |")
    draw(shown, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
