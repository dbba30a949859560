"""A user's own pictures as an application: what `qibu train digits --from DIR` is on them."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qibu.pictures.labels import read_labels
from qibu.pictures.picture_format import PictureFormat
from qibu.pictures.picture_set import read_picture_set
from qibu.pictures.picture_split import TEST, TRAIN, VALIDATION

from ..core.application import Application
from .config import PRESETS, PictureConfig, RowConfig
from .initial_weights import initial_weights
from .network import PictureNetwork
from .task import Examples, PictureTask


def picture_network(config: RowConfig, extra: PictureFormat) -> PictureNetwork:
    """Build the network that a config and a format of pictures describe."""
    return PictureNetwork(config.cell, config.hidden_size, config.num_layers, config.dropout, extra)


def _task(config: PictureConfig, source: Path) -> PictureTask:
    names = read_labels(config.labels) if config.labels else None
    found = read_picture_set(source, config.height_and_width, names)
    training, validation, test = map(found.places, (TRAIN, VALIDATION, TEST))
    pictures = found.format
    print(
        f"{source}: {len(found.names)} classes of pictures, {pictures.width}x{pictures.height}; "
        f"{len(training):,} to train, {len(validation):,} to choose the weights, "
        f"{len(test):,} to judge them",
        file=sys.stderr,
    )
    data = {"names": [source.name], "sha256": [found.digest]}
    return PictureTask(
        config, Examples(found.pictures, found.labels, training, validation, pictures, data)
    )


def _write(pictures: PictureFormat) -> dict[str, Any]:
    return {"pictures": asdict(pictures)}


def _read(values: Mapping[str, Any]) -> PictureFormat:
    pictures = values["pictures"]
    return PictureFormat(**{**pictures, "labels": tuple(pictures["labels"])})


def _data(task: PictureTask) -> dict[str, Any]:
    return dict(task.data)


PICTURES = Application(
    config=PictureConfig,
    presets=PRESETS,
    network=picture_network,
    task=_task,
    file_task="digits",
    measure="accuracy",
    lower_is_better=False,
    unit="pictures",
    initial=initial_weights,
    write_extra=_write,
    read_extra=_read,
    data_record=_data,
    options={
        "labels": "names of the classes, in order: A,B,C or a file with one a line",
        "size": "WIDTHxHEIGHT to which pictures are scaled",
    },
)
