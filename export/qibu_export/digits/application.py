"""How digit networks become files."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from qibu.core.arrays import Array
from qibu.core.model_file import PortNote
from qibu_train.digits.network import DigitNetwork

from ..core.application import ExportKind
from .graph import build_digit_graph

ROWS = "28 rows of 28 pixels from the top, ink 0..1, centred as in MNIST"


def _part(nothing: None) -> Mapping[str, Any]:
    return {"preprocessing": {"rows": ROWS}}


def _sequence(
    network: DigitNetwork, batch: int, time: int, generator: np.random.Generator
) -> Array:
    return generator.random((batch, time, network.rnn.input_size), np.float32)


def _answer(logits: Tensor) -> Tensor:
    return logits.softmax(1)


KIND = ExportKind(
    network=DigitNetwork,
    build_graph=build_digit_graph,
    part=_part,
    ports={
        "rows": PortNote(ROWS, unit="ink, 0..1", time_axis=1, batch_axis=0),
        "probabilities": PortNote(
            "after the last row read", labels=tuple(map(str, range(10))), batch_axis=0
        ),
    },
    defaults={},
    input="rows",
    output="probabilities",
    sequence=_sequence,
    answer=_answer,
)
