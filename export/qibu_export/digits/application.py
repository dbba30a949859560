"""How networks that read pictures become files."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from qibu.core.model_file import PortNote
from qibu.pictures.picture_format import PictureFormat
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.pictures.network import PictureNetwork

from ..trained.application import ExportKind

_UNITS = {"mnist": "ink, 0..1", "scale": "grey, 0..1"}


def _part(checkpoint: Checkpoint) -> Mapping[str, Any]:
    pictures: PictureFormat = checkpoint.extra
    return {"picture": pictures.to_json(), "preprocessing": {"rows": pictures.words}}


def _ports(checkpoint: Checkpoint) -> Mapping[str, PortNote]:
    pictures: PictureFormat = checkpoint.extra
    unit = _UNITS[pictures.preparation]
    return {
        "rows": PortNote(pictures.words, unit=unit, time_axis=1, batch_axis=0),
        "probabilities": PortNote("after the last row read", labels=pictures.labels, batch_axis=0),
    }


def _example(network: PictureNetwork) -> Tensor:
    return torch.zeros(1, 1, network.rnn.input_size)


def _answer(logits: Tensor) -> Tensor:
    return logits.softmax(1)


KIND = ExportKind(
    part=_part,
    ports=_ports,
    input="rows",
    output="probabilities",
    example=_example,
    bounded=True,
    answer=_answer,
    weights={"head.weight": "head_weight", "head.bias": "output_bias"},
)
