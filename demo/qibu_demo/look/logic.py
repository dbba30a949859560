"""Looking inside: a state for every character, to step, rewind, fork, save and load."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np

import qibu
from qibu.core.arrays import Float32Array
from qibu.core.errors import InputError
from qibu.text.seeded_random import uniform_numbers
from qibu.text.token_stream import TokenStepper
from qibu.text.vocabulary import END
from qibu.verse.classes import FREE
from qibu.verse.prompt import form_token

from ..page.limits import MOMENTS, STATE_BYTES


@dataclass(frozen=True)
class Moment:
    """A character and the state right after the network has read it."""

    character: str
    state: qibu.State
    drawn: str  # the character that the network wants to write next; "" ends the poem


@dataclass(frozen=True)
class StateHistory:
    """A text with all its states; every method leaves it as it is and gives a new one.

    Attributes:
        before: the state before the first character.
        moments: one a character.
        seed: of the random numbers, one a character, so that a fork draws by the same.
        temperature: how boldly a character is drawn.
        loaded: whether `before` came from a file; a poem's beginning then was read elsewhere.
    """

    before: qibu.State
    moments: tuple[Moment, ...]
    seed: int
    temperature: float
    loaded: bool = False

    @property
    def text(self) -> str:
        """The characters so far."""
        return "".join(moment.character for moment in self.moments)

    @property
    def ended(self) -> bool:
        """Whether the network has nothing more to write, or the page no more room."""
        return bool(self.moments) and (not self.moments[-1].drawn or len(self.moments) >= MOMENTS)

    def read(self, poet: qibu.Poet, text: str) -> "StateHistory":
        """Read given characters, a step each.

        Raises:
            UnknownCharacterError: the model doesn't know one of them.
            InputError: there are more than the page keeps states for.
        """
        room = MOMENTS - len(self.moments)
        if len(text) > room:
            raise InputError(f"{len(text)} characters are given, there is room for {room}")
        history = self
        for number, *_ in poet.vocabulary.read(text):  # of several readings, the commonest
            history = history._after(poet, poet.vocabulary.token(number))
        return history

    def step(self, poet: qibu.Poet) -> "StateHistory":
        """Let the network write one character more; nothing happens at the end."""
        if not self.moments or self.ended:
            return self
        return self._after(poet, self.moments[-1].drawn)

    def run(self, poet: qibu.Poet) -> Iterator["StateHistory"]:
        """Let the network write to the end, giving every history on the way."""
        history = self
        while not history.ended:
            history = history.step(poet)
            yield history

    def back(self, count: int = 1) -> "StateHistory":
        """Forget the last characters: an older state is still there."""
        return replace(self, moments=self.moments[: max(0, len(self.moments) - count)])

    def what_if(self, poet: qibu.Poet, position: int, character: str) -> "StateHistory":
        """Put another character at a position, 1 for the first, and write on from there.

        Raises:
            InputError: there is no such position, or not one character is given.
        """
        if not 1 <= position <= len(self.moments):
            raise InputError(
                f"position must be 1..{len(self.moments)}, got {position}"
                if self.moments
                else "there is no character yet: write something first"
            )
        if len(character) != 1:
            raise InputError(f"give one character, got {character!r}")
        forked = self.back(len(self.moments) - position + 1).read(poet, character)
        return [forked, *forked.run(poet)][-1]

    def _after(self, poet: qibu.Poet, character: str) -> "StateHistory":
        state = self.moments[-1].state if self.moments else self.before
        number = poet.vocabulary.id(character)
        uniform = next(islice(uniform_numbers(self.seed), len(self.moments), None))
        drawn, state = _step(poet, number, state, uniform, self.temperature)
        return replace(self, moments=(*self.moments, Moment(character, state, drawn)))


def begin(poet: qibu.Poet, form: str | None, seed: int, temperature: float) -> StateHistory:
    """Give an empty history: the network has read the form and waits for a character."""
    state = poet.stepper.initial_state()
    known = form is not None and form_token(form) in poet.vocabulary
    for number in poet.prompt(form if known else None):
        _, state = _step(poet, number, state, 0.0, temperature)
    return StateHistory(state, (), seed, temperature)


def _step(
    poet: qibu.Poet, number: int, state: qibu.State, uniform: float, temperature: float
) -> tuple[str, qibu.State]:
    """Read one token; give what would be drawn next, "" for the end, and the state after."""
    steps = TokenStepper(poet.stepper, state, qibu.Sampling(temperature=temperature))
    steps.bias[:] = poet.classes.row(FREE)
    drawn = steps.step(np.array([[number]], np.int64), [uniform])
    token = poet.vocabulary.token(int(drawn[0]))
    return "" if token == END else token, steps.state


def layers_over_time(states: Sequence[qibu.State]) -> dict[str, Float32Array]:
    """Lay the states of one sequence side by side.

    Args:
        states: each of batch 1.

    Returns:
        By input name, such as "h_in": (layers, units, time) float32.
    """
    return {name: np.stack([state[name][:, 0] for state in states], axis=-1) for name in states[0]}


def states_of_rows(reader: qibu.Reader, ink: Float32Array) -> Iterator[list[qibu.State]]:
    """Read a picture row by row and give all states so far after each."""
    state = reader.stepper.initial_state()
    states = []
    for row in ink:
        _, state = reader.stepper.step({"rows": row[None, None]}, state)
        states.append(state)
        yield states


def saved(state: qibu.State) -> bytes:
    """Give a state as the bytes of an `.npz` file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.npz"
        state.save(path)
        return path.read_bytes()


def loaded(data: bytes, poet: qibu.Poet) -> qibu.State:
    """Read a saved state that fits the model.

    Raises:
        InputError: the bytes are no saved state, too many, another model's, or of a batch.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.npz"
        if len(data) > STATE_BYTES:
            raise InputError(f"the file has {len(data)} bytes, a state at most {STATE_BYTES}")
        path.write_bytes(data)
        try:
            with ZipFile(path) as archive:
                size = sum(part.file_size for part in archive.infolist())
            if size > STATE_BYTES:
                raise InputError(f"the state unpacks to {size} bytes, at most {STATE_BYTES}")
            state = qibu.State.load(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), "the file")) from error
        except Exception as error:  # numpy's parsers raise whatever foreign bytes make them
            raise InputError(f"the file is not a saved state: {error}") from error
    poet.stepper.check_state(state)
    if state.batch != 1 or set(state) != {pair.input for pair in poet.stepper.pairs}:
        raise InputError(f"the state must be one poem's, got {state!r}")
    return state
