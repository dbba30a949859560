"""The application of verse, as the registry knows it."""

from typing import TYPE_CHECKING

from ..core.applications import Application
from ..core.stepper import Stepper
from ..text.text_part import INPUTS, OUTPUTS, read_text_part, text_feeds_check

if TYPE_CHECKING:
    from .poet import Poet


def _open(stepper: Stepper) -> "Poet":
    from .poet import Poet

    return Poet(stepper)


APPLICATION = Application(
    "text",
    _open,
    inputs=INPUTS,
    outputs=OUTPUTS,
    read_part=read_text_part,
    feeds_check=text_feeds_check,
    quality="qibu.verse.quality",
)
