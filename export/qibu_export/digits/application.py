"""How networks that read pictures become files."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from qibu.core.arrays import Array
from qibu.core.model_file import PortNote
from qibu.pictures.picture_format import PictureFormat
from qibu_train.pictures.network import PictureNetwork

from ..core.application import ExportKind
from .graph import build_picture_graph

_UNITS = {"mnist": "ink, 0..1", "scale": "grey, 0..1"}


def _part(pictures: PictureFormat) -> Mapping[str, Any]:
    return {"picture": pictures.to_json(), "preprocessing": {"rows": pictures.words}}


def _ports(pictures: PictureFormat) -> Mapping[str, PortNote]:
    unit = _UNITS[pictures.preparation]
    return {
        "rows": PortNote(pictures.words, unit=unit, time_axis=1, batch_axis=0),
        "probabilities": PortNote("after the last row read", labels=pictures.labels, batch_axis=0),
    }


def _sequence(
    network: PictureNetwork, batch: int, time: int, generator: np.random.Generator
) -> Array:
    return generator.random((batch, time, network.rnn.input_size), np.float32)


def _answer(logits: Tensor) -> Tensor:
    return logits.softmax(1)


KIND = ExportKind(
    network=PictureNetwork,
    build_graph=build_picture_graph,
    part=_part,
    ports={},
    ports_of=_ports,
    defaults={},
    input="rows",
    output="probabilities",
    sequence=_sequence,
    answer=_answer,
)
