"""The page for one model of any text."""

import qibu

from ..page.face import Face
from ..page.texts import WORDS
from .programs import programs
from .tab import build


def face(writer: qibu.Writer) -> Face:
    """Give the page for a model."""
    return Face(
        WORDS[f"does_text_{writer.unit}"], lambda i18n, app: build(i18n, writer), programs(writer)
    )
