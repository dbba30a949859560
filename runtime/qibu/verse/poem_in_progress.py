"""One poem in progress: what may stand at its next place."""

from array import array
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass

import numpy as np

from ..core.arrays import Float32Array
from ..text.drawing import Logits
from ..text.vocabulary import END
from .classes import (
    ANY,
    ANY_LEVEL,
    ANY_OBLIQUE,
    COUPLET,
    FIRST,
    FIRST_OBLIQUE,
    FIRST_RHYME,
    FREE,
    RHYME,
    RHYMING,
    TONED,
    Classes,
    Key,
)
from .forms import MARKS, Form
from .patterns import Pattern, first_place
from .tones import LEVEL_BIT, OBLIQUE_BIT

FEWEST_LINES = 4  # before the network may end a poem of any number of lines
LONGEST = 400  # characters, where nothing else brings a poem to its end
# (line, position): the one token there, or a choice of several
FixedPlaces = Mapping[tuple[int, int], tuple[int, ...]]


@dataclass(frozen=True)
class Brief:
    """What a poem is to be, in the terms of one vocabulary."""

    form: Form
    fixed_places: FixedPlaces  # what stands where, whatever the network likes
    opening: Sequence[tuple[int, ...]] = ()  # the same for a form without lines
    rhyme: str | None = None  # None: the network's choice, or none where tones are free
    open_rhymes: tuple[str, ...] = ()  # what it may choose from
    patterns: tuple[Pattern, ...] = ()  # of a regulated form
    repetition: float = 0.0  # nats off for a character, each time that it stands there already
    in_lines: bool = True  # False: nothing is kept to


class PoemInProgress:
    """One poem on its way through its form, a `TextInProgress`.

    `slot` says what stands next: a token that is forced, or what may be drawn; `accept` goes on.
    """

    def __init__(self, brief: Brief, classes: Classes) -> None:
        self.brief = brief
        self.tokens: list[int] = []
        self.done = False
        self.log_probability = 0.0  # of the characters drawn
        self.drawn = 0
        self._classes = classes
        self.end = classes.vocabulary.id(END)

    @property
    def rhyme(self) -> str | None:
        """The rhyme group, once there is one."""
        return self.brief.rhyme

    @property
    def pattern(self) -> str | None:
        """The tone pattern, once only one is possible."""
        return None

    def slot(self, bias: Float32Array) -> int | None:
        """Give the token that stands next, or write all of `bias` and let one be drawn."""
        raise NotImplementedError

    def accept(self, token: int, logits: Logits | None) -> None:
        """Go on with a token; one that was drawn brings the logits it was drawn from."""
        raise NotImplementedError

    def _forced(self, choice: tuple[int, ...], bias: Float32Array) -> int | None:
        if len(choice) == 1:
            return choice[0]
        bias.fill(-np.inf)
        bias[list(choice)] = 0
        return None


class FreePoem(PoemInProgress):
    """A poem that goes where the network leads it: 雜言, or any form without its rules."""

    def slot(self, bias: Float32Array) -> int | None:
        """Give the next of the opening, then allow everything."""
        here = len(self.tokens)
        if here < len(self.brief.opening):
            return self._forced(self.brief.opening[here], bias)
        bias[:] = self._classes.row(FREE)
        return None

    def accept(self, token: int, logits: Logits | None) -> None:
        """Go on with a token, to the end that the network sets."""
        if token == self.end:
            self.done = True
            return
        self.tokens.append(token)
        self.done = len(self.tokens) >= LONGEST


class LinedPoem(PoemInProgress):
    """A poem in lines of one length, punctuated; 古風 as it stands, with the end at a couplet.

    The network may end it after the second couplet, not the first: one alone is a fragment.
    """

    def __init__(self, brief: Brief, classes: Classes) -> None:
        super().__init__(brief, classes)
        self._line, self._position = 0, 0
        self._length = brief.form.line_length or 0
        self._marks = [classes.vocabulary.id(mark) for mark in MARKS]
        self._lines: list[list[int]] = [[]]
        # each class's bias row, less what stands there already; twice the same memory, since
        # changing a single number costs a third in an array of Python's
        self._rows: dict[Key, tuple[MutableSequence[float], Float32Array]] = {}
        self._strength = float(np.float32(brief.repetition))  # as the rows hold it
        self._used: list[int] = []  # what is less likely by now, once for each time
        self._last: int | None = None  # the character before, in the same line
        self._rhyme_words: list[int] = []

    def slot(self, bias: Float32Array) -> int | None:
        """Give a mark after a line or a character that is fixed, or allow the class here."""
        position = self._position
        if position == self._length:
            return self._marks[self._line % 2]
        fixed = self.brief.fixed_places
        if fixed and (self._line, position) in fixed:
            return self._forced(fixed[self._line, position], bias)
        key = self._key()
        if key not in self._rows:
            self._add_row(key)
        bias[:] = self._rows[key][1]
        self._forbid_by_sense(bias)
        if position == self._length - 1:
            self._forbid_at_end(key, bias)
        return None

    def accept(self, token: int, logits: Logits | None) -> None:
        """Go on with a character or a mark; the end counts at a couplet only."""
        if token == self.end:
            self.done = True
            return
        self.tokens.append(token)
        if self._position == self._length:
            self._end_line()
            return
        self._pass(token, logits)
        self._lines[-1].append(token)
        self._position += 1
        self._penalise_last()
        self._last = token

    def _forbid_by_sense(self, bias: Float32Array) -> None:
        """Let no character of two tones stand against its sense, where tones count."""

    def _penalise_last(self) -> None:
        # a character counts from the next place but one, so that 悠悠 stays possible
        if self._last is not None:
            self._used.append(self._last)
            for numbers, _ in self._rows.values():
                numbers[self._last] -= self._strength

    def _add_row(self, key: Key) -> None:
        numbers = array("f", self._classes.row(key).tobytes())
        for token in self._used:
            numbers[token] -= self._strength
        self._rows[key] = numbers, np.frombuffer(numbers, np.float32)

    def _end_line(self) -> None:
        self._penalise_last()
        self._last = None
        self._line, self._position = self._line + 1, 0
        self._lines.append([])
        wanted = self.brief.form.line_count
        at_couplet = self._line % 2 == 0
        self.done = self._line == wanted or (
            wanted is None and at_couplet and len(self.tokens) >= LONGEST
        )

    def _key(self) -> Key:
        """Name the class of the next character."""
        if self.rhyme and self._ends_couplet():
            return RHYME, (self.rhyme,)
        may_end = not self._position and self._line >= FEWEST_LINES and not self._line % 2
        return COUPLET if may_end and self.brief.form.line_count is None else ANY

    def _pass(self, token: int, logits: Logits | None) -> None:
        """Take note of what a character says of the rest of the poem."""
        if self.rhyme and self._ends_couplet():
            self._keep_from_rhymes(token)

    def _keep_from_rhymes(self, token: int) -> None:
        """Note a rhyme word, and what a reader's script may show as the same one."""
        self._rhyme_words += self._classes.alike.get(token, [token])

    def _ends_couplet(self) -> bool:
        return self._position == self._length - 1 and self._line % 2 == 1

    def _forbid_at_end(self, key: Key, bias: Float32Array) -> None:
        """Let no rhyme be a word that rhymed before, and no line one that stands there already."""
        if key[0] in RHYMING:
            bias[self._rhyme_words] = -np.inf
        now = self._lines[-1]
        bias[[line[-1] for line in self._lines[:-1] if line[:-1] == now]] = -np.inf


class RegulatedPoem(LinedPoem):
    """A poem that keeps a tone pattern and one level rhyme."""

    def __init__(self, brief: Brief, classes: Classes) -> None:
        super().__init__(brief, classes)
        self._place = first_place(self._length, frozenset(brief.patterns))
        self._rhyme = brief.rhyme
        self._read = 0  # the tones that the character before may be read in

    @property
    def rhyme(self) -> str | None:
        """The rhyme group, once there is one."""
        return self._rhyme

    @property
    def pattern(self) -> str | None:
        """The tone pattern, once only one is possible."""
        names = self._place.patterns
        return names[0] if len(names) == 1 else None

    def _key(self) -> Key:
        place = self._place
        if place.ends_line and not self._line:
            return _FIRST_ENDS[place.tones], self._rhymes()
        if place.ends_line and place.tones == LEVEL_BIT:
            return RHYME, self._rhymes()
        return _KEYS[place.tones]

    def _rhymes(self) -> tuple[str, ...]:
        """Give the rhyme groups that are possible here."""
        return (self._rhyme,) if self._rhyme else self.brief.open_rhymes

    def _pass(self, token: int, logits: Logits | None) -> None:
        place, tone = self._place, self._classes.tones[token]
        if self._last is not None:
            tone = self._classes.words[1].get(self._last, {}).get(token, tone)
        if place.ends_line and place.tones & LEVEL_BIT:
            groups = [g for g in self._classes.groups[token] if g in self._rhymes()]
            if groups:
                tone = LEVEL_BIT
                if self._rhyme is None:
                    self._rhyme = self._choose(groups, logits)
                self._keep_from_rhymes(token)
        self._read = tone & place.tones or tone
        self._place = place.after(tone)

    def _forbid_by_sense(self, bias: Float32Array) -> None:
        if self._last is not None:
            bias[self._classes.against(self._last, self._read, self._place.tones)] = -np.inf

    def _choose(self, groups: Sequence[str], logits: Logits | None) -> str:
        """Give the group that the network likes best, of those in which a character stands."""
        if len(groups) == 1 or logits is None:
            return groups[0]
        values = logits()
        words = self._classes.rhyme_words
        return max(groups, key=lambda group: float(np.exp(values[words[group]]).sum()))


_EITHER = LEVEL_BIT | OBLIQUE_BIT
_FIRST_ENDS = {LEVEL_BIT: FIRST_RHYME, OBLIQUE_BIT: FIRST_OBLIQUE, _EITHER: FIRST}
_KEYS: Mapping[int, Key] = {LEVEL_BIT: ANY_LEVEL, OBLIQUE_BIT: ANY_OBLIQUE, _EITHER: TONED}


def start_poem(brief: Brief, classes: Classes) -> PoemInProgress:
    """Set out on a poem."""
    if brief.patterns:
        return RegulatedPoem(brief, classes)
    return LinedPoem(brief, classes) if brief.in_lines else FreePoem(brief, classes)
