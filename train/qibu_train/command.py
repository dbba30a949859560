"""`qibu train`: train a network on the poems or the digits."""

import argparse
import platform
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

import qibu
from qibu.core.errors import InputError
from qibu.data.registry import DATASETS, data_folder

from .core.checkpoint import LAST
from .core.recurrent import CELLS
from .core.run_config import PRESETS, TrainConfig
from .core.trainer import Trainer, start_processes
from .digits.task import DigitTask
from .poems.task import PoemTask


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu train",
        description="Train a network; the run's folder then goes to `qibu export`.",
        epilog="A setting is a field of TrainConfig, for instance --set epochs=3 hidden_size=256.",
    )
    parser.add_argument("task", choices=("poem", "digits"))
    parser.add_argument("--cell", choices=tuple(CELLS), default="lstm", help="default: lstm")
    parser.add_argument("--run", type=Path, help="folder of the run; default: runs/TASK-CELL")
    parser.add_argument("--from", dest="source", type=Path, help="folder of the data files")
    parser.add_argument("--resume", action="store_true", help="go on where the run stopped")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N; default: cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="NAME=VALUE", help="change settings of the preset"
    )
    parser.add_argument(
        "--unchecked", action="store_true", help="take data whose hashes differ from the known ones"
    )
    return parser


def build_config(task: Any, cell: str, seed: int, settings: Sequence[str]) -> TrainConfig:
    """Give the preset of a task and cell with some settings changed.

    Raises:
        InputError: there is no such preset or setting, or a value doesn't fit.
    """
    if (task, cell) not in PRESETS:
        raise InputError(f"no preset {task} with cell {cell!r}: it reads both ways and can't write")
    preset = PRESETS[task, cell]
    kinds = {field.name: type(getattr(preset, field.name)) for field in fields(preset)}
    changes: dict[str, Any] = {"seed": seed}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in kinds or name in ("task", "cell"):
            names = ", ".join(sorted(set(kinds) - {"task", "cell"}))
            raise InputError(f"--set {setting}: no setting {name!r}; there are {names}")
        try:
            changes[name] = _parse(kinds[name], value)
        except (ValueError, KeyError) as error:
            kind = "true or false" if kinds[name] is bool else kinds[name].__name__
            raise InputError(f"--set {setting}: {name} must be {kind}, got {value!r}") from error
    return replace(preset, **changes)


def _parse(kind: type, value: str) -> Any:
    if kind is bool:
        return {"true": True, "false": False}[value]
    return kind(value)


def train(arguments: argparse.Namespace) -> None:
    """Run a training from parsed arguments."""
    config = build_config(arguments.task, arguments.cell, arguments.seed, arguments.set)
    run = arguments.run or Path("runs") / f"{config.task}-{config.cell}"
    if not arguments.resume and (run / LAST).exists():
        raise InputError(
            f"{run} already holds a run: go on with --resume, or name another with --run"
        )
    names = {"poem": ["poems"] + ["song"] * (config.song_epochs > 0), "digits": ["digits"]}
    datasets = [DATASETS[name] for name in names[config.task]]
    folder = data_folder(datasets[0].name, arguments.source)
    if not arguments.unchecked:
        for dataset in datasets:
            dataset.check(folder)
    if not arguments.device.startswith("cuda") and arguments.device != "cpu":
        raise InputError(f"--device must be cpu, cuda or cuda:N, got {arguments.device!r}")
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        raise InputError("--device cuda: this PyTorch finds no CUDA device; use --device cpu")
    device = start_processes(arguments.device)
    record = {
        "data": {
            "names": [dataset.name for dataset in datasets],
            "sha256": None if arguments.unchecked else [d.fingerprint for d in datasets],
        },
        "versions": {
            "qibu": qibu.__version__,
            "torch": str(torch.__version__),
            "python": platform.python_version(),
        },
    }
    if config.task == "poem":
        task: PoemTask | DigitTask = PoemTask(config, folder)
    else:
        task = DigitTask(config, folder)
    trainer = Trainer(config, task, run, record=record, device=device, resume=arguments.resume)
    try:
        history = trainer.fit()
    finally:
        if dist.is_initialized():
            # let go of the process group first: freed last, it waits for a thread that waits for us
            trainer.objective = trainer.network
            dist.destroy_process_group()
    best = f"validation_{task.measure}"
    if trainer.rank == 0:
        values = [row[best] for row in history]
        print(
            f"{run}: best {best} {min(values) if task.measure == 'perplexity' else max(values):.5g}"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu train`."""
    arguments = build_parser().parse_args(argv)
    try:
        train(arguments)
    except KeyboardInterrupt:
        print("stopped and saved; go on with the same command and --resume", file=sys.stderr)
        return 130
    return 0
