"""A text's state: that of the network, and the one token that stands in the text but isn't read.

What may come next is known once that token is read; so a text goes on from its state alone. The
token is one more state of the model's, out as `token` and in as `tokens`: a text's state is saved,
forked and stacked as any other.
"""

from collections.abc import Sequence

import numpy as np

from ..core.errors import InputError
from ..core.port import StatePair
from ..core.state import State
from ..core.stepper import Stepper
from .vocabulary import END, Vocabulary

UNREAD = StatePair("tokens", "token", (None, 1), "int64", batch_axis=0)


def text_state(stepper: Stepper, state: State, unread: Sequence[int]) -> State:
    """Join the network's state and the tokens that it hasn't read.

    Args:
        stepper: a text model.
        state: the network's, of one text.
        unread: at least one; all but the last are read here.
    """
    *before, last = unread
    if before:
        _, state = stepper.step({"tokens": np.array([before], np.int64)}, state)
    arrays = {**state, UNREAD.input: np.array([[last]], np.int64)}
    return State(arrays, (*stepper.pairs, UNREAD), stepper.identity)


def split_state(stepper: Stepper, vocabulary: Vocabulary, state: State) -> tuple[State, list[int]]:
    """Take a text's state apart: the network's own, and what it hasn't read.

    Raises:
        InputError: it is another model's, of several texts, or of one that has ended.
    """
    if not state.is_of(stepper.identity):
        stepper.check_state(state)
    arrays = dict(state)
    unread = arrays.pop(UNREAD.input, None)
    # states of the network's alone, as a `Stepper` gives them, are states too
    inner = State(arrays, stepper.pairs, state.model)
    stepper.check_state(inner)
    if inner.batch != 1:
        raise InputError(f"a text begins with the state of one, got that of {inner.batch}")
    inner = State(arrays, stepper.pairs, stepper.identity)
    if unread is None:
        return inner, []
    token = int(unread.ravel()[0])
    if not 0 <= token < len(vocabulary):
        raise InputError(f"the state's token must be 0..{len(vocabulary) - 1}, got {token}")
    if vocabulary.token(token) == END:
        raise InputError("the state is that of a text that has ended; begin a new one without it")
    return inner, [token]
