"""The application of pictures that are read row by row, as the registry knows it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..core.applications import Application
from ..core.model_file import ModelSpec
from ..core.port import Port
from ..core.recurrent_part import RecurrentPart, read_recurrent_part
from ..core.schema import check_schema, read_schema
from ..core.stepper import Stepper

if TYPE_CHECKING:
    from .digit_reader import DigitReader

TASK = "digits"


def _open(stepper: Stepper) -> "DigitReader":
    from .digit_reader import DigitReader

    return DigitReader(stepper)


def _read_part(
    spec: ModelSpec, inputs: Mapping[str, Port], outputs: Mapping[str, Port]
) -> RecurrentPart:
    check_schema(spec.part, read_schema(__package__, "digits.schema.json"), f"'qibu'.{TASK}")
    return read_recurrent_part(spec)


APPLICATION = Application(
    TASK,
    _open,
    inputs=frozenset({"rows"}),
    outputs=frozenset({"probabilities"}),
    read_part=_read_part,
    quality="qibu.pictures.quality",
)
