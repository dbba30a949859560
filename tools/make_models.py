"""Make the bundled models from nothing: fetch the data, train, choose, export.

    python tools/make_models.py              # all; about a day on 2 cores, half of it the poems
    python tools/make_models.py digits-gru   # some

Stopped at any point, the same command goes on where it was. Of several seeds the one that did best
on the validation split is exported, and the whole list is printed; the test split decides nothing.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qibu.cli.main import main as qibu
from qibu_train.checkpoint import LAST
from qibu_train.networks import CELLS

HOME = Path(__file__).parents[1]
MODELS = HOME / "runtime/qibu/models"


@dataclass(frozen=True)
class Recipe:
    """What a bundled model is made of: a preset, tried with some seeds."""

    task: str
    cell: str
    seeds: tuple[int, ...] = (0,)


RECIPES: Mapping[str, Recipe] = {
    "poem": Recipe("poem", "lstm"),
    **{f"digits-{cell}": Recipe("digits", cell, (0, 1, 2)) for cell in CELLS},
}
COPIES = {"digits": ("digits-lstm", "digits-gru", "digits-rnn")}  # the best of these, again


def run_qibu(*arguments: object) -> None:
    """Run a command of the program, and end with its exit code if it isn't 0."""
    print("$ qibu", *arguments, file=sys.stderr)
    if code := qibu([str(argument) for argument in arguments]):
        sys.exit(code)


def best_figure(run: Path) -> float:
    """Give the best figure of a run on the validation split, higher is better."""
    rows = [json.loads(line) for line in (run / "history.jsonl").read_text("utf-8").splitlines()]
    if "validation_accuracy" in rows[0]:
        return float(max(row["validation_accuracy"] for row in rows))
    return -float(min(row["validation_perplexity"] for row in rows))


def train(name: str, recipe: Recipe, runs: Path) -> Path:
    """Train a recipe with each of its seeds, or go on; give the folder of the best run."""
    folders = []
    for seed in recipe.seeds:
        run = runs / f"{name}-{seed}"
        more = ["--resume"] if (run / LAST).is_file() else []
        run_qibu("train", recipe.task, "--cell", recipe.cell, "--seed", seed, "--run", run, *more)
        folders.append(run)
        print(f"{run}: {abs(best_figure(run)):.5g} on the validation split")
    return max(folders, key=best_figure)


def export(name: str, recipe: Recipe, run: Path, out: Path) -> None:
    """Export a run as a bundled model: in 8 bits for the CPU, and in float for the others."""
    if CELLS[recipe.cell].bidirectional:
        run_qibu("export", run, "--int8-weights", "--out", out / f"{name}.onnx")
        return
    run_qibu("export", run, "--int8", "--out", out / f"{name}.onnx")
    run_qibu("export", run, "--int8-weights", "--out", out / "float" / f"{name}.onnx")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the models that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="MODEL", help=", ".join(RECIPES))
    parser.add_argument("--runs", type=Path, default=HOME / "runs/models", help="their runs")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the files go")
    arguments = parser.parse_args(argv)
    wanted: Sequence[str] = arguments.names or list(RECIPES)
    if unknown := sorted(set(wanted) - RECIPES.keys()):
        parser.error(f"no model {', '.join(unknown)}; there are {', '.join(RECIPES)}")
    tasks = {RECIPES[name].task for name in wanted}
    if "poem" in tasks:
        run_qibu("fetch", "poems", "--song")
    if "digits" in tasks:
        run_qibu("fetch", "digits")
    best = {}
    for name in wanted:
        run = train(name, RECIPES[name], arguments.runs)
        best[name] = best_figure(run)
        export(name, RECIPES[name], run, arguments.out)
    for copy, names in COPIES.items():
        if set(names) <= best.keys():
            source = max(names, key=best.__getitem__)
            for folder in (arguments.out, arguments.out / "float"):
                shutil.copyfile(folder / f"{source}.onnx", folder / f"{copy}.onnx")
            print(f"{copy} is {source}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
