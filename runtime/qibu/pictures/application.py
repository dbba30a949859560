"""The application of pictures that are read row by row, as the registry knows it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..core.applications import Application
from ..core.model_file import ModelSpec
from ..core.port import Port
from ..core.schema import check_schema, read_schema
from ..core.stepper import Stepper
from .picture_format import PicturePart, read_picture_part

if TYPE_CHECKING:
    from .reader import Reader

TASK = "digits"


def _open(stepper: Stepper) -> "Reader":
    from .reader import Reader

    return Reader(stepper)


def _read_part(
    spec: ModelSpec, inputs: Mapping[str, Port], outputs: Mapping[str, Port]
) -> PicturePart:
    check_schema(spec.part, read_schema(__package__, "digits.schema.json"), f"'qibu'.{TASK}")
    return read_picture_part(spec, inputs, outputs)


APPLICATION = Application(
    TASK,
    _open,
    inputs=frozenset({"rows"}),
    outputs=frozenset({"probabilities"}),
    read_part=_read_part,
    quality="qibu.pictures.quality",
)
