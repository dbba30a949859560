"""The training loop: one for every task, resumable at any step, on one process or several."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from qibu.core.errors import CheckpointError, ModelFileError
from qibu.core.files import atomic_path

from .application import application_of, build_network
from .arithmetic import use_bfloat16
from .averaging import AveragedWeights, Weights, copy_weights
from .checkpoint import BEST, LAST, Checkpoint
from .curve import draw_curve
from .initial_weights import StoredWeights
from .interrupt import noting_interrupt
from .processes import Objective
from .run_config import RunConfig
from .schedule import Position, Schedule, learning_rate, rows_since_best
from .task import Carried, Task

# oneDNN keeps what it made for each size of a batch, 1,024 of them unless told: 13 GB for sentences
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

SAVE_SECONDS = 300.0  # between checkpoints inside an epoch


class Trainer:
    """One run in one folder: `last.pt`, `best.pt`, `history.jsonl`, `curve.png`.

    Args:
        config: the run's, whose application is looked up by its task; the trainer's own says in
            which arithmetic it really is, as the checkpoints do.
        task: the application's, on the data.
        run: the folder, made when it is missing.
        record: what the checkpoints say of the run besides its figures.
        device: one of torch's.
        resume: go on from the folder's `last.pt`.
        init: a model whose weights the run begins with; fresh ones if None.
        on_step: called as each step begins; what it raises ends the run as it was last saved.

    Raises:
        CheckpointError: there is nothing to go on with, or it is another run's.
        InputError: the model of `init` is of another task, cell or size; or bfloat16 is wanted
            where there is none.
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
        self.task, self.run = task, run
        self.application = application_of(config.task)
        self.record = {**(record or {}), **({"init": init.record} if init else {})}
        self.on_step = on_step
        self.device = torch.device(device)
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world_size = dist.get_world_size() if dist.is_initialized() else 1
        begun = Checkpoint.load(run / LAST) if resume else None
        if begun and config.bfloat16 == "auto":
            config = replace(config, bfloat16=begun.config.bfloat16)
        torch.manual_seed(config.seed)
        self.network = build_network(config, task.extra)
        task.prepare(self.network)
        if init is not None:
            self._begin_from(config, init)
        self.network.to(self.device)
        chosen = use_bfloat16(config.bfloat16, self.network.rnn, self.device)
        self.config = replace(config, bfloat16=chosen)
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
        self._carried: Carried = ()
        self._last_save = self._began = time.monotonic()
        self._interrupted = False  # Ctrl-C came
        self._stopping = False  # and all processes know
        if begun:
            self._go_on(begun)
        objective: nn.Module = Objective(self.network, task, self.application.carries)
        if self.world_size > 1:
            objective = DistributedDataParallel(objective)
        self.objective = objective
        self._schedule = Schedule(self.config, task.epoch_units)

    def _begin_from(self, config: RunConfig, init: StoredWeights) -> None:
        self.application.want_initial(config, init)
        assert self.application.initial is not None
        try:
            weights = self.application.initial(init, self.network.state_dict(), self.task.extra)
            self.network.load_state_dict(weights)
        except (RuntimeError, IndexError, KeyError) as error:
            raise ModelFileError(
                f"the weights of {init.name} don't fit what it says of itself: {error}"
            ) from error

    def _go_on(self, checkpoint: Checkpoint) -> None:
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
        self._carried = tuple(part.to(self.device) for part in progress.get("carried", ()))

    @property
    def _key(self) -> str:
        return f"validation_{self.application.measure}"

    def fit(self) -> list[dict[str, Any]]:
        """Train to the end, or until Ctrl-C, which saves first and is raised again.

        Returns:
            The history: a dict a validation.
        """
        self._began = time.monotonic() - self.at.spent
        try:
            with noting_interrupt(self._note_interrupt):
                while not self._is_over():
                    self._run_epoch()
                if self.at.count:  # it was over inside an epoch
                    self._end_row()
        except KeyboardInterrupt:
            if self._stopping and not self.at.history:
                self._leave_best()  # pressed again, Ctrl-C ends that
            raise
        return self.at.history

    def _note_interrupt(self) -> None:
        self._interrupted = True

    def _is_over(self) -> bool:
        if self._schedule.is_over(self.at):
            return True
        worse = rows_since_best(self.at.history, self._key, self.application.better)
        return 0 < self.config.patience <= worse

    def _run_epoch(self) -> None:
        at = self.at
        if at.step == 0:
            torch.manual_seed(self.config.seed * 10_000 + at.epoch)
            self._carried = ()
        plan = self.task.plan(at.epoch, self.world_size)
        at.length = len(plan)
        self.network.train()
        with tqdm(
            total=sum(map(self.task.count, plan)),
            initial=at.done,
            desc=f"epoch {at.epoch + 1}" + self._length(),
            unit=self.application.unit,
            unit_scale=True,
            mininterval=1.0,
            disable=self.rank > 0,
        ) as bar:
            while at.step < at.length:
                if self._schedule.is_row_due(at):
                    self._end_row()
                if self._is_over():
                    return
                if self.on_step:
                    self.on_step(self)
                started, started_cpu = time.monotonic(), time.process_time()
                count = self.step(plan[at.step])
                at.seconds += time.monotonic() - started
                at.cpu_seconds += time.process_time() - started_cpu
                bar.update(count)
                bar.set_postfix(self._shown(), refresh=False)
                if self._stopping or time.monotonic() - self._last_save > SAVE_SECONDS:
                    self._save_last()
                if self._stopping:
                    raise KeyboardInterrupt
        at.epoch, at.step, at.done = at.epoch + 1, 0, 0
        if not self.config.validate_steps or self._schedule.is_row_due(at):
            self._end_row()

    def _length(self) -> str:
        limit = self.config.minutes
        return f", {limit:g} minutes" if limit else f"/{self.config.epochs}"

    def _shown(self) -> dict[str, float]:
        last = {self._key: self.at.history[-1][self._key]} if self.at.history else {}
        return {**self._figures(self.at.loss_sum / self.at.count), **last}

    def step(self, examples: Any) -> int:
        """Take one optimiser step: the gradient of the mean over the batch of all processes.

        Args:
            examples: a batch of the task's plan.

        Returns:
            What the task counts in it.
        """
        count = self.task.count(examples)
        progress = self._schedule.progress(self.at)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.config, progress)
        mine = examples[self.rank :: self.world_size]
        tensors = [tensor.to(self.device) for tensor in self.task.collate(mine)]
        bfloat16 = self.config.bfloat16 is True
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bfloat16):
            loss, self._carried = self.objective(self._carried, *tensors)
        self.optimizer.zero_grad()
        # DistributedDataParallel takes the mean over processes, so their sum needs the factor
        (loss * (self.world_size / count)).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip_norm)
        self.optimizer.step()
        if self.average:
            self.average.update(self.network)
        total, spent = loss.detach(), time.monotonic() - self._began
        if self.world_size > 1:  # Ctrl-C may reach one process alone, and all must stop together
            known = [float(self._interrupted), spent / self.world_size]
            shared = torch.cat([total[None], total.new_tensor(known)])
            dist.all_reduce(shared)
            total, self._stopping, self.at.spent = shared[0], bool(shared[1]), shared[2].item()
        else:
            self._stopping, self.at.spent = self._interrupted, spent
        self.at.loss_sum += total.item()
        self.at.count += count
        self.at.done += count
        self.at.step += 1
        self.at.steps += 1
        return count

    def _figures(self, loss: float) -> dict[str, float]:
        return {"loss": loss, **self.application.figures(loss)}

    def _end_row(self) -> None:
        """Validate, and write everything that this leaves behind."""
        row, weights = self._row()
        at = self.at
        at.history = [*at.history, row]
        at.begin_row()
        self.network.train()
        if self.rank > 0:
            return
        if rows_since_best(at.history, self._key, self.application.better) == 0:
            self._save_best(row, weights)
        with atomic_path(self.run / "history.jsonl") as path:
            path.write_text("".join(json.dumps(past) + "\n" for past in at.history), "utf-8")
        draw_curve(at.history, self.application.measure, self.run / "curve.png")
        self._save_last()
        self._say(
            f"epoch {row['epoch']:.4g}: {self._key} {row[self._key]:.5g}, loss {row['loss']:.4f}"
        )
        if self.application.remark:
            self.network.eval()
            self._say(self.application.remark(self.task, self.network, row))
            self.network.train()

    def _say(self, line: str) -> None:
        tqdm.write(line, file=sys.stderr)

    @torch.no_grad()
    def _row(self) -> tuple[dict[str, Any], Weights]:
        """Give the figures since the last row with those of a validation, and the weights."""
        at = self.at
        self.network.eval()
        figures, weights, averaged = self._validate()
        row = {
            "epoch": at.epochs,
            **self._figures(at.loss_sum / at.count),
            **{f"validation_{name}": value for name, value in figures.items()},
            **({"averaged": averaged} if self.average else {}),
            "units_per_second": at.count / at.seconds,
            "seconds": at.seconds,
            "cpu_seconds": at.cpu_seconds,
        }
        return row, weights

    def _leave_best(self) -> None:
        """Let a run that is stopped before its first validation have best weights as well.

        They are no row of the history: a run that goes on chooses as if it had never stopped.
        """
        if self.rank == 0:
            self._say("stopped and saved; validating once, so that there are best weights")
            self._save_best(*self._row())

    def _save_best(self, row: dict[str, Any], weights: Weights) -> None:
        record = {**self.record, **row}
        Checkpoint(self.config, weights, self.task.extra, record).save(self.run / BEST)

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

    def _save_last(self) -> None:
        self._last_save = time.monotonic()
        if self.rank > 0:
            return
        progress = {
            "optimizer": self.optimizer.state_dict(),
            "rng": torch.get_rng_state(),
            "position": vars(self.at),
            "carried": list(self._carried),
            "average": self.average and self.average.state_dict(),
        }
        Checkpoint(
            self.config, self.network.state_dict(), self.task.extra, self.record, progress
        ).save(self.run / LAST)


def _origin(record: dict[str, Any]) -> str:
    init = record.get("init")
    return f"the weights {init['weights_sha256']}" if init else "fresh weights"
