"""What programs can ask of a page for any stateful model."""

from collections.abc import Sequence
from typing import Any

import qibu
from qibu.core.errors import InputError

from ..page.error_messages import errors_as_messages
from ..page.face import Program
from ..page.limits import ANSWERED_VALUES
from .columns import columns, columns_in_short
from .logic import Walk, rows_of, walk


def programs(stepper: qibu.Stepper) -> Sequence[Program]:
    """Give the functions, with how many of each may run at once."""
    width, names = len(columns(stepper)), ", ".join(columns_in_short(stepper))

    def step(csv: str) -> dict[str, Any]:
        """Step the model over rows from its initial state; give the outputs of every step.

        Args:
            csv: a line a step: {width} numbers with commas between, {names}.
        """
        with errors_as_messages(in_page=False):
            rows = rows_of(csv)
            walked = Walk()
            for number, walked in enumerate(walk(stepper, rows)):
                if number == 0:
                    _want_few(walked, len(rows))
            outputs = {name: given.tolist() for name, given in walked.outputs.items()}
            return {"steps": len(rows), "outputs": outputs}

    step.__doc__ = (step.__doc__ or "").format(width=width, names=names)
    return ((step, 2),)


def _want_few(walked: Walk, steps: int) -> None:
    """Refuse what would be too long an answer, by its first step."""
    values = sum(given.size for given in walked.outputs.values()) * steps
    if values > ANSWERED_VALUES:
        raise InputError(
            f"the outputs would be {values} values, at most {ANSWERED_VALUES} are given; "
            "send fewer rows"
        )
