"""Digits as an application: what `qibu train digits` is."""

from collections.abc import Mapping, Sequence
from typing import Any

from qibu.data.registry import DATASETS, Dataset
from qibu.pictures.picture_format import MNIST, PictureFormat

from ..core.application import Application
from ..pictures.application import picture_network
from ..pictures.initial_weights import initial_weights
from .config import PRESETS, DigitConfig
from .task import digit_task


def _datasets(config: DigitConfig) -> Sequence[Dataset]:
    return [DATASETS["digits"]]


def _read(values: Mapping[str, Any]) -> PictureFormat:
    return MNIST  # all digits are, so a checkpoint needn't say it


DIGITS = Application(
    config=DigitConfig,
    presets=PRESETS,
    network=picture_network,
    task=digit_task,
    datasets=_datasets,
    file_task="digits",
    measure="accuracy",
    lower_is_better=False,
    unit="pictures",
    initial=initial_weights,
    read_extra=_read,
    own_data="pictures",
)
