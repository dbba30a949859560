"""`qibu train`: train a network for one of the applications."""

import argparse
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

import qibu
from qibu.core.errors import InputError
from qibu.core.files import atomic_path
from qibu.data.registry import cache_folder

from .core.application import APPLICATIONS, Application, application_of
from .core.checkpoint import HELD_OUT, LAST
from .core.cores import use_available_cores
from .core.initial_weights import read_weights
from .core.processes import start_processes
from .core.recurrent import CELLS
from .core.run_config import VALUES, RunConfig
from .core.trainer import Trainer

DEFAULT_CELL = "lstm"
# settings that every task has, by their flags
SHORT = {
    "hidden": ("hidden_size", int, "size of a layer's state"),
    "layers": ("num_layers", int, "layers, one upon another"),
    "epochs": ("epochs", int, "how often the data is gone through"),
    "minutes": ("minutes", float, "how long the run takes, instead of --epochs"),
}


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu train",
        description="Train a network; the run's folder then goes to `qibu export`.",
        epilog="A setting is a field of the task's config, for instance "
        "--set learning_rate=0.002 dropout=0.3.",
    )
    parser.add_argument("task", choices=tuple(APPLICATIONS))
    parser.add_argument("--cell", choices=tuple(CELLS), help=f"default: {DEFAULT_CELL}")
    parser.add_argument(
        "--out", "--run", dest="run", type=Path, help="folder of the run; default: runs/TASK-CELL"
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        help="the data: a folder, of own pictures too; of a text also a file",
    )
    parser.add_argument("--resume", action="store_true", help="go on where the run stopped")
    parser.add_argument(
        "--init",
        metavar="MODEL",
        help="begin with the weights of a model: a bundled name or an .onnx file",
    )
    sizes = parser.add_argument_group("size and length; a task has its own defaults")
    for flag, (_, kind, text) in SHORT.items():
        sizes.add_argument(f"--{flag}", type=kind, metavar="N", help=text)
    for application in APPLICATIONS.values():
        if application.options:
            own = parser.add_argument_group(f"for task {application.name}")
            for name, text in application.options.items():
                own.add_argument(f"--{name}", metavar=name.upper(), help=text)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N; default: cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="NAME=VALUE", help="change settings of the preset"
    )
    parser.add_argument(
        "--unchecked", action="store_true", help="take data whose hashes differ from the known ones"
    )
    return parser


def choose_application(arguments: argparse.Namespace) -> Application[Any, Any]:
    """Give what is trained: the task, or what takes its place for a user's own data."""
    application = application_of(arguments.task)
    if application.own_data is None or arguments.source is None or arguments.unchecked:
        return application
    config = application.preset(arguments.cell or DEFAULT_CELL)
    known = application.knows_data(config, arguments.source)
    return application if known else application_of(application.own_data)


def settings_of(arguments: argparse.Namespace, task: str) -> list[str]:
    """Give all settings of the command line as `--set` has them, its own ones last.

    Raises:
        InputError: a flag is another task's, or two say how long the run is.
    """
    if arguments.minutes is not None and arguments.epochs is not None:
        raise InputError("--minutes and --epochs both say how long the run is; give one")
    settings = [
        f"{name}={getattr(arguments, flag)}"
        for flag, (name, _, _) in SHORT.items()
        if getattr(arguments, flag) is not None
    ]
    for application in APPLICATIONS.values():
        for name in application.options:
            value = getattr(arguments, name)
            if value is not None and application.name != task:
                raise InputError(f"--{name} is for task {application.name!r}, not {task!r}")
            settings += [f"{name}={value}"] * (value is not None)
    return [*settings, *arguments.set]


def build_config(task: str, cell: str, seed: int, settings: Sequence[str]) -> RunConfig:
    """Give the preset of a task and cell with some settings changed.

    Raises:
        InputError: there is no such preset or setting, or a value doesn't fit.
    """
    preset: RunConfig = application_of(task).preset(cell)
    known = {field.name: field for field in fields(preset)}
    changes: dict[str, Any] = {"seed": seed}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in known or name == "cell":
            names = ", ".join(sorted(set(known) - {"cell"}))
            raise InputError(f"--set {setting}: no setting {name!r}; there are {names}")
        kind, words = type(getattr(preset, name)), known[name].metadata.get(VALUES)
        try:
            changes[name] = words[value] if words else kind(value)
        except (ValueError, KeyError) as error:
            wanted = " or ".join(words) if words else kind.__name__
            raise InputError(f"--set {setting}: {name} must be {wanted}, got {value!r}") from error
    if "epochs" in changes:
        changes.setdefault("minutes", 0.0)  # else they would decide
    return replace(preset, **changes)


OnStep = Callable[[Trainer], None]


def train(arguments: argparse.Namespace, on_step: OnStep | None = None) -> None:
    """Run a training from parsed arguments."""
    use_available_cores()
    application = choose_application(arguments)
    init = read_weights(arguments.init) if arguments.init else None
    cell = arguments.cell
    if cell is None:
        cell = init.cell if init and application.follow else DEFAULT_CELL
    settings = settings_of(arguments, application.name)
    config = build_config(application.name, cell, arguments.seed, settings)
    run = arguments.run or Path("runs") / f"{config.task}-{config.cell}"
    if not arguments.resume and (run / LAST).exists():
        raise InputError(
            f"{run} already holds a run: go on with --resume, or name another with --out"
        )
    if init:
        config = application.follow(config, init) if application.follow else config
        application.want_initial(config, init)  # before the data is read, which takes a while
    folder, data = _checked_data(application, config, arguments.source, arguments.unchecked)
    device = _device(arguments.device)
    task = application.make_task(config, folder, init)
    config = application.settled(config, task)
    if not dist.is_initialized() or dist.get_rank() == 0:
        for note in application.notes(task):
            print(note, file=sys.stderr)
        if application.held_out is not None:
            with atomic_path(run / HELD_OUT) as temporary:
                temporary.write_text(application.held_out(task), "utf-8", newline="\n")
    record = {
        "data": {**data, **application.data_record(task)},
        "versions": {
            "qibu": qibu.__version__,
            "torch": str(torch.__version__),
            "python": platform.python_version(),
        },
    }
    trainer = Trainer(
        config,
        task,
        run,
        record=record,
        device=device,
        resume=arguments.resume,
        init=init,
        on_step=on_step,
    )
    try:
        history = trainer.fit()
    finally:
        if dist.is_initialized():
            # let go of the process group first: freed last, it waits for a thread that waits for us
            trainer.objective = trainer.network
            dist.destroy_process_group()
    key = f"validation_{application.measure}"
    if trainer.rank == 0:
        values = [row[key] for row in history]
        best = min(values) if application.lower_is_better else max(values)
        print(f"{run}: best {key} {best:.5g}")


def _checked_data(
    application: Application[Any, Any], config: RunConfig, source: Path | None, unchecked: bool
) -> tuple[Path, dict[str, Any]]:
    """Give the folder of the data, and what the record says of it."""
    datasets = application.datasets(config)
    if source is None and not datasets:
        raise InputError(f"no data set is known for {config.task!r}: say where it is with --from")
    folder = source or cache_folder() / datasets[0].folder
    if not unchecked:
        for dataset in datasets:
            dataset.check(folder)
    return folder, {
        "names": [dataset.name for dataset in datasets],
        "sha256": None if unchecked else [dataset.fingerprint for dataset in datasets],
    }


def _device(wanted: str) -> str:
    """Check the device, and give this process's own."""
    if not wanted.startswith("cuda") and wanted != "cpu":
        raise InputError(f"--device must be cpu, cuda or cuda:N, got {wanted!r}")
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise InputError("--device cuda: this PyTorch finds no CUDA device; use --device cpu")
    return start_processes(wanted)


def main(argv: Sequence[str] | None = None, on_step: OnStep | None = None) -> int:
    """Run `qibu train`; `on_step` as `Trainer` wants it."""
    arguments = build_parser().parse_args(argv)
    try:
        train(arguments, on_step)
    except KeyboardInterrupt:
        print(
            "stopped and saved: go on with the same command and --resume; "
            "`qibu export` takes the run as it is",
            file=sys.stderr,
        )
        return 130
    return 0
