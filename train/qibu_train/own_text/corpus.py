"""A text as tokens, once in memory: what is trained on, and what is held out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qibu.text.vocabulary import END, UNKNOWN, Vocabulary

from .survey import CODE_POINTS, Survey, codes_of

START = "<start>"
CONTROLS = (UNKNOWN, START, END)
BYTES = "".join(map(chr, range(256)))  # how bytes stand in a vocabulary: as Latin-1
BLOCK = 1 << 20  # tokens looked up at a time

Tokens = NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Part:
    """Tokens of texts one after another; each one's are from a start up to the next one's."""

    tokens: Tokens
    starts: NDArray[np.int64]  # one more than there are texts

    def __len__(self) -> int:
        """Count what is predicted: all tokens but the first of each text."""
        return len(self.tokens) - len(self.starts) + 1


class _Filling:
    """A part that is being filled."""

    def __init__(self, size: int, kind: type[np.unsignedinteger]) -> None:
        self._tokens, self._size = np.empty(size, kind), 0
        self._starts = [0]

    def add(self, tokens: Tokens) -> None:
        self._tokens[self._size : self._size + len(tokens)] = tokens
        self._size += len(tokens)

    def end(self) -> None:
        """Let a text end here, if one has begun; a text of one token predicts nothing."""
        if self._size - self._starts[-1] > 1:
            self._starts.append(self._size)
        else:
            self._size = self._starts[-1]

    def part(self) -> Part:
        self.end()
        return Part(self._tokens[: self._size], np.array(self._starts, np.int64))


@dataclass(frozen=True)
class Corpus:
    """A text in tokens of a vocabulary."""

    vocabulary: Vocabulary
    train: Part
    held_out: Part
    held_out_text: str
    counts: NDArray[np.int64]  # of each token in training
    unknown: int  # characters held out that the vocabulary lacks

    @property
    def is_in_bytes(self) -> bool:
        """Whether a token is a byte of UTF-8."""
        return self.vocabulary.characters == BYTES

    @property
    def is_unknown_only(self) -> bool:
        """Whether all that is held out is foreign to what is trained on."""
        return self.unknown >= len(self.held_out.tokens) - 2 * (len(self.held_out.starts) - 1)


def read_bytes(survey: Survey) -> Corpus:
    """Give a text as bytes: each is a token."""
    first = len(CONTROLS)

    def encode(text: str) -> Tokens:
        return np.frombuffer(text.encode(), np.uint8).astype(np.uint16) + np.uint16(first)

    size = survey.bytes + 2 * len(survey.sizes)
    train, held_out, counts, text = _fill(survey, encode, size, first + 256, np.uint16)
    vocabulary = Vocabulary(CONTROLS, BYTES, BYTES)
    return Corpus(vocabulary, train, held_out, text, counts, unknown=0)


def read_characters(survey: Survey, known: str = "", min_count: int = 1) -> Corpus:
    """Give a text as characters: those that are known first, then the others by frequency.

    Args:
        survey: of the text.
        known: characters that are in the vocabulary whatever the text has.
        min_count: how often others have to occur in training.
    """
    both = np.union1d(codes_of(known), survey.characters)  # sorted, so numbers are found by search
    kind: type[np.unsignedinteger] = np.uint16 if len(both) + len(CONTROLS) < 1 << 16 else np.uint32
    table = np.zeros(CODE_POINTS, kind)
    table[both] = np.arange(len(both)) + len(CONTROLS)

    def encode(text: str) -> Tokens:
        found: Tokens = table[codes_of(text)]
        return found

    first = len(CONTROLS)
    size = survey.length + 2 * len(survey.sizes)
    small = np.uint8 if len(both) + first <= 256 else kind
    train, held_out, counts, text = _fill(survey, encode, size, len(both) + first, small)
    codes = [ord(character) for character in known]
    own = counts[first:].copy()
    own[np.isin(both, codes)] = 0
    order = np.lexsort((both, -own))
    codes += [int(both[place]) for place in order if own[place] >= max(min_count, 1)]
    final = np.zeros(len(both) + first, kind)  # 0 is <unk>
    final[:first] = np.arange(first)
    final[np.searchsorted(both, codes) + first] = np.arange(len(codes)) + first
    characters = "".join(map(chr, codes))
    vocabulary = Vocabulary(CONTROLS, characters, characters)
    sums = np.bincount(final, counts, minlength=len(vocabulary)).astype(np.int64)
    train, held_out = (_renumbered(part, final) for part in (train, held_out))
    unknown = int(np.count_nonzero(held_out.tokens == vocabulary.id(UNKNOWN)))
    return Corpus(vocabulary, train, held_out, text, sums, unknown)


def _renumbered(part: Part, final: Tokens) -> Part:
    """Give each token its new number, in the same memory."""
    for start in range(0, len(part.tokens), BLOCK):
        block = part.tokens[start : start + BLOCK]
        block[:] = final[block]
    return part


def _fill(
    survey: Survey,
    encode: Callable[[str], Tokens],
    size: int,
    numbers: int,
    kind: type[np.unsignedinteger],
) -> tuple[Part, Part, NDArray[np.int64], str]:
    """Read a text into two parts; of `size` tokens at most each, what isn't filled costs nothing.

    `<start>` stands where a document or a line begins, `<end>` where it ends: between two parts of
    one document there is neither.
    """
    parts = {False: _Filling(size, kind), True: _Filling(size, kind)}
    held_text: list[str] = []
    start, end = (np.array([CONTROLS.index(name)], kind) for name in (START, END))
    follow = survey.split == "part"
    for units in survey.read():
        before: bool | None = None  # whether what this unit goes on from is held out
        for unit, held_out in units:
            part = parts[held_out]
            if not follow or before is None:
                part.add(start)
            elif before != held_out:
                parts[before].end()
            part.add(encode(unit))
            if held_out:
                held_text.append(unit if follow else f"{unit}\n")
            if not follow:
                part.add(end)
                part.end()
            before = held_out
        if follow and before is not None:
            parts[before].add(end)
            parts[before].end()
    train = parts[False].part()
    counts = np.zeros(numbers, np.int64)
    for block in range(0, len(train.tokens), BLOCK):
        counts += np.bincount(train.tokens[block : block + BLOCK], minlength=numbers)
    counts[CONTROLS.index(START)] = 0  # which is never predicted
    return train, parts[True].part(), counts, "".join(held_text)
