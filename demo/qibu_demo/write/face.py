"""The page for one model of poems."""

import qibu

from ..page.face import Face
from ..page.programs import POEM_PROGRAMS
from ..page.texts import WORDS
from .tab import build


def face(poet: qibu.Poet) -> Face:
    """Give the page for a model; its functions find it as the page's first."""
    return Face(WORDS["does_poem"], build, POEM_PROGRAMS)
