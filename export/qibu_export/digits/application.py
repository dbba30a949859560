"""How digit networks become files."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from qibu.core.model_file import PortNote
from qibu_train.digits.network import DigitNetwork

from ..trained.application import ExportKind

ROWS = "28 rows of 28 pixels from the top, ink 0..1, centred as in MNIST"


def _part(nothing: None) -> Mapping[str, Any]:
    return {"preprocessing": {"rows": ROWS}}


def _example(network: DigitNetwork) -> Tensor:
    return torch.zeros(1, 1, network.rnn.input_size)


def _answer(logits: Tensor) -> Tensor:
    return logits.softmax(1)


KIND = ExportKind(
    part=_part,
    ports={
        "rows": PortNote(ROWS, unit="ink, 0..1", time_axis=1, batch_axis=0),
        "probabilities": PortNote(
            "after the last row read", labels=tuple(map(str, range(10))), batch_axis=0
        ),
    },
    input="rows",
    output="probabilities",
    example=_example,
    bounded=True,
    answer=_answer,
    weights={"head.weight": "head_weight", "head.bias": "output_bias"},
)
