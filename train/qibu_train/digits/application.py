"""Digits as an application: what `qibu train digits` is."""

from collections.abc import Sequence

from qibu.data.registry import DATASETS, Dataset

from ..core.application import Application
from .config import PRESETS, DigitConfig
from .initial_weights import initial_weights
from .network import DigitNetwork
from .task import DigitTask


def _network(config: DigitConfig, extra: None) -> DigitNetwork:
    return DigitNetwork(config.cell, config.hidden_size, config.num_layers, config.dropout)


def _datasets(config: DigitConfig) -> Sequence[Dataset]:
    return [DATASETS["digits"]]


DIGITS = Application(
    config=DigitConfig,
    presets=PRESETS,
    network=_network,
    task=DigitTask,
    datasets=_datasets,
    file_task="digits",
    measure="accuracy",
    lower_is_better=False,
    unit="pictures",
    initial=initial_weights,
)
