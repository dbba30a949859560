"""The page for any stateful model."""

import qibu

from ..page.face import Face
from ..page.texts import Words, joined, listed, words
from .columns import columns_in_short
from .programs import programs
from .tab import build

MOST_NAMES = 4  # of outputs or states that are named


def face(stepper: qibu.Stepper) -> Face:
    """Give the page for a model.

    Raises:
        NotStreamingError: the model reads whole sequences only.
    """
    does = words(
        "does_step",
        inputs=listed(columns_in_short(stepper)),
        outputs=_some(list(stepper.outputs)),
        states=_some([pair.input for pair in stepper.pairs]),
    )
    return Face(does, lambda i18n, app: build(i18n, stepper), programs(stepper))


def _some(names: list[str]) -> Words:
    if len(names) <= MOST_NAMES:
        return listed(names)
    return joined([*names[: MOST_NAMES - 1], "…"])
