"""Poems as an application: what `qibu train poem` is."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from qibu.data.registry import DATASETS, Dataset
from qibu.text.vocabulary import Vocabulary

from ..core.application import Application
from ..text.initial_weights import initial_weights
from ..text.network import TextNetwork
from .config import PRESETS, PoemConfig
from .task import PoemTask


def _network(config: PoemConfig, vocabulary: Vocabulary) -> TextNetwork:
    size = (config.hidden_size, config.num_layers, config.dropout)
    return TextNetwork(config.cell, len(vocabulary), *size)


def _datasets(config: PoemConfig) -> Sequence[Dataset]:
    return [DATASETS[name] for name in ["poems"] + ["song"] * (config.song_epochs > 0)]


def _figures(loss: float) -> dict[str, float]:
    return {"perplexity": math.exp(loss)}


def _write_vocabulary(vocabulary: Vocabulary) -> dict[str, Any]:
    return {"vocabulary": vocabulary.to_json()}


def _read_vocabulary(values: Mapping[str, Any]) -> Vocabulary:
    return Vocabulary.from_json(values["vocabulary"])


POEM = Application(
    config=PoemConfig,
    presets=PRESETS,
    network=_network,
    task=PoemTask,
    datasets=_datasets,
    file_task="text",
    measure="perplexity",
    lower_is_better=True,
    unit="ch",
    figures=_figures,
    write_extra=_write_vocabulary,
    read_extra=_read_vocabulary,
    initial=initial_weights,
)
