"""Are digits read that a hand draws on a screen, and not only MNIST's?

Every bundled digits model reads drawings of `strokes.py`, brought to MNIST's shape as the demo
does it: the 100 that are kept for this, and 1,000 more by other hands. `--sheet FILE.png` shows
the hundred.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import qibu
from qibu.core.arrays import Float32Array
from qibu.pictures.mnist_picture import to_mnist
from qibu.quality.catalogue import catalogue
from strokes import Drawing, draw_digits

Prepared = Sequence[tuple[Drawing, Float32Array]]


def prepare(drawings: Sequence[Drawing]) -> Prepared:
    """Bring drawings to MNIST's shape."""
    return [(drawing, to_mnist(drawing.grey)) for drawing in drawings]


def mistakes(model: str, drawings: Prepared) -> Counter[str]:
    """Count what a model takes for what."""
    reader = qibu.load(model)
    assert isinstance(reader, qibu.DigitReader)
    found: Counter[str] = Counter()
    for drawing, picture in drawings:
        digit = reader.read(picture).digit
        if digit != drawing.digit:
            found[f"{drawing.digit} ({drawing.style}) as {digit}"] += 1
    return found


def save_sheet(drawings: Sequence[Drawing], path: Path) -> None:
    """Save drawings side by side, ten a row, at a quarter of their size."""
    from matplotlib.image import imsave

    small = [drawing.grey.reshape(70, 4, 70, 4).mean((1, 3)) for drawing in drawings]
    rows = [np.concatenate(small[start : start + 10], 1) for start in range(0, len(small), 10)]
    imsave(path, np.concatenate(rows), cmap="gray", vmin=0, vmax=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="show the hundred in a file")
    sheet = parser.parse_args().sheet
    kept = draw_digits()
    if sheet:
        save_sheet(kept, sheet)
    few, many = prepare(kept), prepare(draw_digits(1000, seed=1))
    print("| model | right of 100 | right of 1,000 others | most often mistaken |")
    print("| --- | ---: | ---: | --- |")
    for entry in catalogue():
        if entry.task == "digits":
            wrong, others = mistakes(entry.name, few), mistakes(entry.name, many)
            often = ", ".join(f"{what}: {count}" for what, count in others.most_common(3))
            right = f"{100 - wrong.total()} | {1000 - others.total()}"
            print(f"| `{entry.name}` | {right} | {often} |")


if __name__ == "__main__":
    main()
