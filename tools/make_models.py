"""Make the bundled models from nothing: fetch the data, train, choose, export.

    python tools/make_models.py              # all; about 5½ hours of one core, 4½ of it the poems
    python tools/make_models.py digits-gru   # some

Stopped at any point, the same command goes on where it was. Of several seeds the one that did best
on the validation split is bundled, and the mean of all on the test split is printed.
"""

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qibu.cli.main import main as qibu
from qibu.quality.catalogue import entry_of, read_spec, written
from qibu_train.core.application import application_of
from qibu_train.core.checkpoint import BEST, LAST
from qibu_train.core.recurrent import CELLS

HOME = Path(__file__).parents[1]
MODELS = HOME / "runtime/qibu/models"


@dataclass(frozen=True)
class Recipe:
    """What a bundled model is made of: a preset, tried with some seeds, and what then follows."""

    task: str
    cell: str
    seeds: tuple[int, ...] = (0,)
    # settings of a second run, which begins with the first one's weights
    then: tuple[str, ...] = ()


RECIPES: Mapping[str, Recipe] = {
    "poem": Recipe(
        "poem",
        "lstm",
        (5,),
        (
            "minutes=128",
            "song_epochs=4",
            "song_share=0.55",
            "dropout=0.25",
            "learning_rate=0.003",
            "average_decay=0.999",
            "seed=6",
        ),
    ),
    "poem-gru": Recipe("poem", "gru"),
    **{f"digits-{cell}": Recipe("digits", cell, (0, 1, 2)) for cell in CELLS},
}
COPIES = {"digits": ("digits-lstm", "digits-gru", "digits-rnn")}  # the best of these, again


def run_qibu(*arguments: object) -> None:
    """Run a command of the program, and end with its exit code if it isn't 0."""
    print("$ qibu", *arguments, file=sys.stderr)
    if code := qibu([str(argument) for argument in arguments]):
        sys.exit(code)


def make(name: str, recipe: Recipe, runs: Path, out: Path) -> Path:
    """Train and export a recipe with each of its seeds; give the file of the best run."""
    precision = "--int8-weights" if CELLS[recipe.cell].bidirectional else "--int8"
    files = []
    for seed in recipe.seeds:
        file = train(recipe, runs / f"{name}-{seed}", precision, ["--seed", seed])
        if recipe.then:
            # the file that multiplies in 8 bits has lost more of them
            in_float = file.with_name("float.onnx")
            run_qibu("export", file.parent, "--int8-weights", "--out", in_float)
            more = ["--init", in_float, "--set", *recipe.then]
            file = train(recipe, runs / f"{name}-{seed}-then", precision, more)
        files.append(file)
    best = max(files, key=lambda file: validated(recipe, file))
    (out / "float").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(best, out / f"{name}.onnx")
    if precision == "--int8":  # for providers other than the CPU
        in_float = out / "float" / f"{name}.onnx"
        run_qibu("export", best.parent, "--int8-weights", "--out", in_float)
    print(summary(name, files))
    return best


def train(recipe: Recipe, run: Path, precision: str, options: Sequence[object]) -> Path:
    """Train a run to its end, from where it is, and export it; give the file."""
    more = [*options, *(["--resume"] if (run / LAST).is_file() else [])]
    run_qibu("train", recipe.task, "--cell", recipe.cell, "--run", run, *more)
    file = run / "model.onnx"
    if not file.is_file() or file.stat().st_mtime < (run / BEST).stat().st_mtime:
        run_qibu("export", run, precision, "--out", file)
    return file


def validated(recipe: Recipe, file: Path) -> float:
    """Give the figure on the validation split that a file's record holds, higher is better."""
    application = application_of(recipe.task)
    figure = float(read_spec(file).training[f"validation_{application.measure}"])
    return -figure if application.lower_is_better else figure


def fetches(recipe: Recipe) -> Sequence[str]:
    """Give the commands that fetch the data of a recipe."""
    application = application_of(recipe.task)
    return [data.command for data in application.datasets(application.preset(recipe.cell))]


def summary(name: str, files: Sequence[Path]) -> str:
    """Say what the seeds came to on the test split: their mean, the least and the most."""
    entries = [entry_of(name, file) for file in files]
    values = [entry.value for entry in entries if entry.value is not None]
    mean, least, most = (
        written(entries[0].figure, value)
        for value in (sum(values) / len(values), min(values), max(values))
    )
    seconds = [read_spec(file).training["cpu_seconds"] for file in files]
    return (
        f"{name}: {entries[0].figure} {mean} ({least} to {most}, {len(values)} seeds), "
        f"{sum(seconds) / len(seconds):.0f} s of one core an epoch"
    )


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
    for command in dict.fromkeys(c for name in wanted for c in fetches(RECIPES[name])):
        run_qibu(*command.split()[1:])
    best = {name: make(name, RECIPES[name], arguments.runs, arguments.out) for name in wanted}
    for copy, names in COPIES.items():
        if set(names) <= best.keys():
            source = max(names, key=lambda name: validated(RECIPES[name], best[name]))
            for folder in (arguments.out, arguments.out / "float"):
                shutil.copyfile(folder / f"{source}.onnx", folder / f"{copy}.onnx")
            print(f"{copy} is {source}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
