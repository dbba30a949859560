"""The application of any text, as the registry knows it."""

from typing import TYPE_CHECKING

from ..core.applications import Application
from ..core.stepper import Stepper
from .text_part import INPUTS, OUTPUTS, read_text_part, text_feeds_check

if TYPE_CHECKING:
    from .writer import Writer


def _open(stepper: Stepper) -> "Writer":
    from .writer import Writer

    return Writer(stepper)


APPLICATION = Application(
    "text",
    _open,
    inputs=INPUTS,
    outputs=OUTPUTS,
    read_part=read_text_part,
    feeds_check=text_feeds_check,
    quality="qibu.text.quality",
)
