"""The training loop: one for every task, resumable at any step, on one process or several."""

import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from qibu.core.errors import CheckpointError, ModelFileError
from qibu.core.files import atomic_path

from .application import application_of, build_network
from .averaging import AveragedWeights, Weights, copy_weights
from .checkpoint import BEST, LAST, Checkpoint
from .curve import draw_curve
from .initial_weights import StoredWeights
from .run_config import RunConfig
from .task import Task

# oneDNN keeps what it made for each size of a batch, 1,024 of them unless told: 13 GB for sentences
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

SAVE_SECONDS = 300.0  # between checkpoints inside an epoch


class Objective(nn.Module):
    """A network with its loss as one module, as DistributedDataParallel wants it."""

    def __init__(self, network: nn.Module, task: Task) -> None:
        super().__init__()
        self.network = network
        self._task = task

    def forward(self, *tensors: Tensor) -> Tensor:
        """Give the summed loss of a batch."""
        return self._task.loss(self.network, *tensors)


def learning_rate(config: RunConfig, progress: float) -> float:
    """Give the rate at a share 0..1 of the run: linear warm-up, then a cosine to a hundredth."""
    if progress < config.warmup:
        return config.learning_rate * max(progress / config.warmup, 1e-3)
    along = (progress - config.warmup) / (1 - config.warmup) if config.warmup < 1 else 1.0
    return config.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(along, 1.0))))


@dataclass
class Position:
    """Where a run stands: the next step of an epoch, and the sums of the epoch so far."""

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    count: int = 0
    seconds: float = 0.0  # spent in this epoch
    cpu_seconds: float = 0.0  # the processor's, which other programs don't lengthen
    history: list[dict[str, Any]] = field(default_factory=list)


class Trainer:
    """One run in one folder: `last.pt`, `best.pt`, `history.jsonl`, `curve.png`.

    Args:
        config: the run's, whose application is looked up by its task.
        task: the application's, on the data.
        run: the folder, made when it is missing.
        record: what the checkpoints say of the run besides its figures.
        device: one of torch's.
        resume: go on from the folder's `last.pt`.
        init: a model whose weights the run begins with; fresh ones if None.
        on_step: called as each step begins; what it raises ends the run as it was last saved.

    Raises:
        CheckpointError: there is nothing to go on with, or it is another run's.
        InputError: the model of `init` is of another task, cell or size.
    """

    def __init__(
        self,
        config: RunConfig,
        task: Task,
        run: Path,
        *,
        record: dict[str, Any] | None = None,
        device: str = "cpu",
        resume: bool = False,
        init: StoredWeights | None = None,
        on_step: Callable[["Trainer"], None] | None = None,
    ) -> None:
        self.config, self.task, self.run = config, task, run
        self.application = application_of(config.task)
        self.record = {**(record or {}), **({"init": init.record} if init else {})}
        self.on_step = on_step
        self.device = torch.device(device)
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world_size = dist.get_world_size() if dist.is_initialized() else 1
        torch.manual_seed(config.seed)
        self.network = build_network(config, task.extra)
        task.prepare(self.network)
        if init is not None:
            self._begin_from(init)
        self.network.to(self.device)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            betas=(0.9, 0.99),
            fused=True,
        )
        decay = config.average_decay
        self.average = AveragedWeights(self.network, decay) if decay else None
        self.at = Position()
        self._last_save = time.monotonic()
        self._interrupted = False  # Ctrl-C came
        self._stopping = False  # and all processes know
        if resume:
            self._resume()
        objective: nn.Module = Objective(self.network, task)
        if self.world_size > 1:
            objective = DistributedDataParallel(objective)
        self.objective = objective
        sizes = [task.epoch_units(epoch) for epoch in range(config.epochs)]
        self._before = [sum(sizes[:epoch]) / sum(sizes) for epoch in range(config.epochs + 1)]

    def _begin_from(self, init: StoredWeights) -> None:
        self.application.want_initial(self.config, init)
        assert self.application.initial is not None
        try:
            weights = self.application.initial(init, self.network.state_dict(), self.task.extra)
            self.network.load_state_dict(weights)
        except (RuntimeError, IndexError, KeyError) as error:
            raise ModelFileError(
                f"the weights of {init.name} don't fit what it says of itself: {error}"
            ) from error

    def _resume(self) -> None:
        checkpoint = Checkpoint.load(self.run / LAST)
        if checkpoint.config != self.config:
            raise CheckpointError(
                f"{self.run / LAST} was made by another config: {checkpoint.config}"
            )
        same_data = checkpoint.record.get("data") == self.record.get("data")
        if checkpoint.extra != self.task.extra or not same_data:
            raise CheckpointError(f"{self.run / LAST} was trained on other data than is there now")
        if _origin(checkpoint.record) != _origin(self.record):
            raise CheckpointError(
                f"{self.run / LAST} was begun from {_origin(checkpoint.record)}, "
                f"now from {_origin(self.record)}; give the same --init"
            )
        self.network.load_state_dict(checkpoint.weights)
        progress = checkpoint.progress
        self.optimizer.load_state_dict(progress["optimizer"])
        if self.average:
            self.average.load_state_dict(progress["average"])
        torch.set_rng_state(progress["rng"])
        self.at = Position(**progress["position"])

    def fit(self) -> list[dict[str, Any]]:
        """Train to the end, or until Ctrl-C, which saves first and is raised again.

        Returns:
            The history: a dict an epoch.
        """
        with self._noting_interrupt():
            while self.at.epoch < self.config.epochs:
                self._run_epoch()
        return self.at.history

    @contextmanager
    def _noting_interrupt(self) -> Iterator[None]:
        """Let Ctrl-C wait for the end of a step, since half a step could not be resumed."""

        def note(number: int, frame: FrameType | None) -> None:
            self._interrupted = True

        former = signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, former)

    def _run_epoch(self) -> None:
        at = self.at
        if at.step == 0:
            torch.manual_seed(self.config.seed * 10_000 + at.epoch)
        plan = self.task.plan(at.epoch, self.world_size)
        self.network.train()
        with tqdm(
            total=sum(map(self.task.count, plan)),
            initial=at.count,
            desc=f"epoch {at.epoch + 1}/{self.config.epochs}",
            unit=self.application.unit,
            unit_scale=True,
            mininterval=1.0,
            disable=self.rank > 0,
        ) as bar:
            while at.step < len(plan):
                if self.on_step:
                    self.on_step(self)
                started, started_cpu = time.monotonic(), time.process_time()
                count = self._step(plan[at.step], at.epoch, at.step / len(plan))
                at.seconds += time.monotonic() - started
                at.cpu_seconds += time.process_time() - started_cpu
                bar.update(count)
                bar.set_postfix(self._figures(at.loss_sum / at.count), refresh=False)
                if self._stopping or time.monotonic() - self._last_save > SAVE_SECONDS:
                    self._save_last()
                if self._stopping:
                    raise KeyboardInterrupt
        self._end_epoch()

    def _step(self, examples: Any, epoch: int, share: float) -> int:
        """Take one optimiser step: the gradient of the mean over the batch of all processes."""
        count = self.task.count(examples)
        progress = self._before[epoch] + share * (self._before[epoch + 1] - self._before[epoch])
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, progress)
        mine = examples[self.rank :: self.world_size]
        tensors = [tensor.to(self.device) for tensor in self.task.collate(mine)]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bfloat16):
            loss = self.objective(*tensors)
        self.optimizer.zero_grad()
        # DistributedDataParallel takes the mean over processes, so their sum needs the factor
        (loss * (self.world_size / count)).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip_norm)
        self.optimizer.step()
        if self.average:
            self.average.update(self.network)
        total = loss.detach()
        if self.world_size > 1:  # Ctrl-C may reach one process alone, and all must stop together
            shared = torch.stack([total, total.new_tensor(float(self._interrupted))])
            dist.all_reduce(shared)
            total, self._stopping = shared[0], bool(shared[1])
        else:
            self._stopping = self._interrupted
        self.at.loss_sum += total.item()
        self.at.count += count
        self.at.step += 1
        return count

    def _figures(self, loss: float) -> dict[str, float]:
        return {"loss": loss, **self.application.figures(loss)}

    @torch.no_grad()
    def _end_epoch(self) -> None:
        at = self.at
        self.network.eval()
        figures, weights, averaged = self._validate()
        row = {
            "epoch": at.epoch + 1,
            **self._figures(at.loss_sum / at.count),
            **{f"validation_{name}": value for name, value in figures.items()},
            **({"averaged": averaged} if self.average else {}),
            "units_per_second": at.count / at.seconds,
            "seconds": at.seconds,
            "cpu_seconds": at.cpu_seconds,
        }
        self.at = Position(at.epoch + 1, history=[*at.history, row])
        if self.rank == 0:
            self._report(row, weights)

    def _validate(self) -> tuple[dict[str, Any], Weights, bool]:
        """Give figures and weights, of the average where it does better; and whether it does."""
        measure = self.application.measure
        figures, weights = self.task.validate(self.network), self.network.state_dict()
        if self.average:
            with self.average.used_by(self.network):
                averaged = self.task.validate(self.network)
                if self.application.better(averaged[measure], figures[measure]):
                    return averaged, copy_weights(self.network), True
        return figures, weights, False

    def _report(self, row: dict[str, Any], weights: Weights) -> None:
        """Write everything that an epoch leaves behind."""
        key = f"validation_{self.application.measure}"
        if all(self.application.better(row[key], past[key]) for past in self.at.history):
            record = {**self.record, **row}
            Checkpoint(self.config, weights, self.task.extra, record).save(self.run / BEST)
        with atomic_path(self.run / "history.jsonl") as path:
            path.write_text("".join(json.dumps(past) + "\n" for past in self.at.history))
        draw_curve(self.at.history, self.application.measure, self.run / "curve.png")
        self._save_last()
        tqdm.write(
            f"epoch {row['epoch']:g}: {key} {row[key]:.5g}, loss {row['loss']:.4f}", file=sys.stderr
        )

    def _save_last(self) -> None:
        self._last_save = time.monotonic()
        if self.rank > 0:
            return
        progress = {
            "optimizer": self.optimizer.state_dict(),
            "rng": torch.get_rng_state(),
            "position": vars(self.at),
            "average": self.average and self.average.state_dict(),
        }
        Checkpoint(
            self.config, self.network.state_dict(), self.task.extra, self.record, progress
        ).save(self.run / LAST)


def _origin(record: dict[str, Any]) -> str:
    init = record.get("init")
    return f"the weights {init['weights_sha256']}" if init else "fresh weights"


def start_processes(device: str) -> str:
    """Join the other processes when `torchrun` started this one, and give its own device."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return device
    if not device.startswith("cuda"):
        dist.init_process_group("gloo")
        return device
    dist.init_process_group("nccl")
    return f"cuda:{os.environ.get('LOCAL_RANK', 0)}"
