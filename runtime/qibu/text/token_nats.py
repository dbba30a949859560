"""How unlikely a model finds the tokens of a text, each after all that stands before it.

A graph gives logits after its last time step only. So a long text is cut into parts: read whole,
one after another, they leave the state that each begins with; then all are stepped side by side.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..core.arrays import Int64Array
from ..core.state import State
from ..core.stepper import Stepper
from .sampling import log_softmax

Nats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]  # done, of how many

PARTS = 64  # side by side
LONGEST = 4096  # tokens of a part: what a step over time has to hold


def side_by_side(stepper: Stepper, state: State, unread: Int64Array, tokens: Int64Array) -> Nats:
    """Give -ln p of tokens, stepped side by side.

    Args:
        stepper: a text model.
        state: before `unread`, a sequence a row.
        unread: (batch, any) int64, what stands right before the tokens and isn't read yet.
        tokens: (batch, time) int64.

    Returns:
        (batch, time) float64.
    """
    nats = np.empty(tokens.shape, np.float64)
    for place in range(tokens.shape[1]):
        outputs, state = stepper.step({"tokens": unread}, state)
        unread = tokens[:, place, None]
        log_p = log_softmax(outputs["logits"].astype(np.float64))
        nats[:, place] = -np.take_along_axis(log_p, unread, 1)[:, 0]
    return nats


def nats_of(
    stepper: Stepper,
    state: State,
    unread: Sequence[int],
    tokens: Sequence[int],
    progress: Progress | None = None,
) -> Nats:
    """Give -ln p of the tokens of one text (tokens,), however long it is.

    Args:
        stepper: a text model.
        state: before `unread`, of one sequence.
        unread: what stands right before the tokens and isn't read yet, at least one.
        tokens: of the text.
        progress: called with tokens done and tokens in all.
    """
    *first, last = unread
    if first:
        _, state = stepper.step({"tokens": np.array([first], np.int64)}, state)
    everything = np.array([last, *tokens], np.int64)
    found: list[Nats] = []
    for start in range(0, len(tokens), PARTS * LONGEST):
        some = everything[start : start + PARTS * LONGEST + 1]
        nats, state = _in_parts(stepper, state, some)
        found.append(nats)
        if progress:
            progress(start + len(some) - 1, len(tokens))
    return np.concatenate(found) if found else np.empty(0)


def _in_parts(stepper: Stepper, state: State, text: Int64Array) -> tuple[Nats, State]:
    """Give -ln p of all but the first token, and the state before the last."""
    count = len(text) - 1
    length = -(-count // PARTS)
    bounds = range(0, count, length)
    states = []
    for start in bounds:
        states.append(state)
        _, state = stepper.step({"tokens": text[None, start : min(start + length, count)]}, state)
    # the last part may be shorter: what is added to it counts for nothing
    padded = np.pad(text, (0, len(bounds) * length - count))
    tokens = padded[1:].reshape(len(bounds), length)
    before = padded[bounds][:, None]
    nats = side_by_side(stepper, State.stack(states), before, tokens)
    return nats.ravel()[:count], state


def nats_of_many(
    stepper: Stepper,
    unread: Sequence[int],
    texts: Sequence[Sequence[int]],
    progress: Progress | None = None,
) -> list[Nats]:
    """Give -ln p of the tokens of many texts, each begun anew after `unread`."""
    found: list[Nats] = [np.empty(0)] * len(texts)
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))  # little padding
    for start in range(0, len(order), PARTS):
        places = order[start : start + PARTS]
        longest = len(texts[places[-1]])
        tokens = np.zeros((len(places), longest), np.int64)
        for row, place in enumerate(places):
            tokens[row, : len(texts[place])] = texts[place]
        before = np.array([unread] * len(places), np.int64)
        nats = side_by_side(stepper, stepper.initial_state(len(places)), before, tokens)
        for row, place in enumerate(places):
            found[place] = nats[row, : len(texts[place])]
        if progress:
            progress(start + len(places), len(texts))
    return found
