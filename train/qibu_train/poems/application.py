"""Poems as an application: what `qibu train poem` is."""

import math
from collections.abc import Sequence

from qibu.data.registry import DATASETS, Dataset
from qibu.text.vocabulary import Vocabulary

from ..core.application import Application
from ..text.initial_weights import initial_weights
from ..text.network import TextNetwork
from ..text.vocabulary import read_vocabulary, write_vocabulary
from .config import PRESETS, PoemConfig
from .task import PoemTask


def _network(config: PoemConfig, vocabulary: Vocabulary) -> TextNetwork:
    size = (config.hidden_size, config.num_layers, config.dropout)
    return TextNetwork(config.cell, len(vocabulary), *size)


def _datasets(config: PoemConfig) -> Sequence[Dataset]:
    return [DATASETS[name] for name in ["poems"] + ["song"] * (config.song_epochs > 0)]


def _figures(loss: float) -> dict[str, float]:
    return {"perplexity": math.exp(loss)}


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
    write_extra=write_vocabulary,
    read_extra=read_vocabulary,
    initial=initial_weights,
)
