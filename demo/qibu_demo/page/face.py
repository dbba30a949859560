"""What a page for one model is: what it says, shows, and offers to programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from .texts import Words

Program = tuple[Callable[..., Any], int]  # a function, and how many of it may run at once


@dataclass(frozen=True)
class Face:
    """A page for one model.

    Attributes:
        does: what the model does, in a line.
        build: lays out what is shown below.
        programs: what programs can ask of it.
    """

    does: Words
    build: Callable[[gr.I18n, gr.Blocks], object]
    programs: Sequence[Program]
