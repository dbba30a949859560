"""The application of verse, as the registry knows it."""

from typing import TYPE_CHECKING

from ..core.applications import Application
from ..core.model_file import ModelSpec
from ..core.stepper import Stepper
from ..text.text_part import INPUTS, OUTPUTS, read_text_part, text_feeds_check
from .controls import BASE_CONTROLS

if TYPE_CHECKING:
    from .poet import Poet


def _open(stepper: Stepper) -> "Poet":
    from .poet import Poet

    return Poet(stepper)


def _takes(spec: ModelSpec) -> bool:
    """Say whether the vocabulary of a text model is a poem's: what is broken is told later."""
    vocabulary = spec.part.get("vocabulary")
    controls = vocabulary.get("controls") if isinstance(vocabulary, dict) else None
    return isinstance(controls, list) and all(token in controls for token in BASE_CONTROLS)


APPLICATION = Application(
    "text",
    _open,
    inputs=INPUTS,
    outputs=OUTPUTS,
    read_part=read_text_part,
    feeds_check=text_feeds_check,
    quality="qibu.verse.quality",
    name="poem",
    takes=_takes,
)
