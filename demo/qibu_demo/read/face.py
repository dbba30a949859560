"""The page for one model that reads pictures."""

import qibu
from qibu.pictures.picture_format import MNIST

from ..page.face import Face
from ..page.texts import words
from .programs import programs
from .tab import build, named


def face(reader: qibu.Reader) -> Face:
    """Give the page for a model."""
    kind = "digits" if reader.pictures == MNIST else "pictures"
    whole = "" if reader.stepper.pairs else "_whole"
    does = words(f"does_{kind}{whole}", labels=named(reader.labels))
    return Face(does, lambda i18n, app: build(i18n), programs(reader))
