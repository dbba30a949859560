"""A text of one's own as an application: what `qibu train text` is."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from torch import nn

from qibu.text.vocabulary import Vocabulary

from ..core.application import Application
from ..core.initial_weights import StoredWeights
from ..core.task import Task
from ..text.initial_weights import initial_weights
from ..text.network import TextNetwork
from ..text.vocabulary import read_vocabulary, write_vocabulary
from .config import PRESETS, TextConfig
from .sample import write_sample
from .task import TextTask

SAMPLE = 200  # characters


def _network(config: TextConfig, vocabulary: Vocabulary) -> TextNetwork:
    size = (config.hidden_size, config.num_layers, config.dropout)
    return TextNetwork(config.cell, len(vocabulary), *size)


def _task_from(config: TextConfig, source: Path, init: StoredWeights) -> Task:
    return TextTask(config, source, init)


def _follow(config: TextConfig, init: StoredWeights) -> TextConfig:
    sizes: dict[str, Any] = {"hidden_size": init.hidden_size, "num_layers": init.num_layers}
    return replace(config, **{name: v for name, v in sizes.items() if config.is_open(name)})


def _settled(config: TextConfig, task: TextTask) -> TextConfig:
    return task.config


def _figures(loss: float) -> dict[str, float]:
    return {"bits_per_token": loss / math.log(2)}


def _data_record(task: TextTask) -> dict[str, Any]:
    return task.data_record


def _held_out(task: TextTask) -> str:
    return task.corpus.held_out_text


def _notes(task: TextTask) -> list[str]:
    return task.notes


def _remark(task: TextTask, network: nn.Module, row: Mapping[str, Any]) -> str:
    others = ", ".join(f"{name} -9 {bits:.3f}" for name, bits in task.compressed.items())
    writer = cast(TextNetwork, network)
    sample = write_sample(writer, task.extra, SAMPLE, task.config.seed)
    return f"({others})\n{sample}\n"


TEXT = Application(
    config=TextConfig,
    presets=PRESETS,
    network=_network,
    task=TextTask,
    file_task="text",
    measure="bits_per_character",
    lower_is_better=True,
    unit="tokens",
    figures=_figures,
    write_extra=write_vocabulary,
    read_extra=read_vocabulary,
    initial=initial_weights,
    follow=_follow,
    task_from=_task_from,
    settled=_settled,
    data_record=_data_record,
    held_out=_held_out,
    notes=_notes,
    carries=True,
    remark=_remark,
    options={
        "unit": "what a token is: char or byte; default: char, byte where the characters are "
        "many and the text short",
        "split": "what is held out: document, line or part (of a document); default: document "
        "where there are 20 files, else part",
    },
)
