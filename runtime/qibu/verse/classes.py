"""Classes of characters in a model's vocabulary, as bias rows that its sampler reads."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..core.arrays import Float32Array, Int64Array
from ..text.vocabulary import END, Vocabulary
from .forms import LINE_END, LOST, is_han
from .tones import (
    LEVEL_BIT,
    OBLIQUE_BIT,
    RHYMES,
    rhymes_of,
    tone_of,
    unified,
    usual_tone_of,
    word_tones,
)

Mask = npt.NDArray[np.bool_]
WordTones = dict[int, dict[int, int]]  # a token, and one after it: a tone that both settle
Key = tuple[str, tuple[str, ...]]  # a class's name, and the rhyme groups of one that has any

ANY: Key = ("any", ())  # a Chinese character
COUPLET: Key = ("couplet", ())  # the same, or the end
FREE: Key = ("free", ())  # the same, or punctuation
TONED: Key = ("toned", ())  # a character whose tone is known
ANY_LEVEL: Key = ("level", ())
ANY_OBLIQUE: Key = ("oblique", ())
# with rhyme groups: words that rhyme; at the end of a first line two tones would leave open
# whether it rhymes, so these have one
RHYME, FIRST_RHYME, FIRST_OBLIQUE, FIRST = "rhyme", "first rhyme", "first oblique", "first"
RHYMING = (RHYME, FIRST_RHYME, FIRST_OBLIQUE, FIRST)


class Classes:
    """The classes of one vocabulary; each row is made when it is first asked for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        tokens = [vocabulary.token(number) for number in range(len(vocabulary))]
        self.is_han = han = [is_han(token) and token != LOST for token in tokens]
        # plain numbers, since every character looks its own up: of all its readings, as it is used
        self.all_tones, self.tones = (
            [int(tone(token)) if here else 0 for token, here in zip(tokens, han, strict=True)]
            for tone in (tone_of, usual_tone_of)
        )
        tones, every = np.array(self.tones), np.array(self.all_tones)
        level, oblique = tones & LEVEL_BIT > 0, tones & OBLIQUE_BIT > 0
        self._pure_level: Mask = every == LEVEL_BIT
        self._pure_oblique: Mask = every == OBLIQUE_BIT
        any_han = np.array(han)
        end = np.array([token == END for token in tokens])
        marks = np.array([token in LINE_END for token in tokens])
        self._masks: dict[Key, Mask] = {
            ANY: any_han,
            COUPLET: any_han | end,
            FREE: any_han | end | marks,
            TONED: level | oblique,
            ANY_LEVEL: level,
            ANY_OBLIQUE: oblique,
        }
        self._rows: dict[Key, Float32Array] = {}
        self._against: dict[tuple[int, int, int], Int64Array] = {}

    @cached_property
    def words(self) -> tuple[WordTones, WordTones]:
        """By a token, what follows it, and the tone that both settle: its own, or the other's."""
        found: tuple[WordTones, WordTones] = ({}, {})
        for words, settled in zip(word_tones(), found, strict=True):
            for word, tone in words.items():
                if all(character in self.vocabulary for character in word):
                    one, other = map(self.vocabulary.id, word)
                    settled.setdefault(one, {})[other] = int(tone)
        return found

    def against(self, last: int, read: int, wanted: int) -> Int64Array:
        """Give the tokens that after `last` would stand against the sense, or make it do so.

        Args:
            last: the token before.
            read: the tones that it is read in, as bits.
            wanted: those that may follow, as bits.
        """
        key = last, read, wanted
        if key not in self._against:
            found = [
                token
                for settled, tones in zip(self.words, (read, wanted), strict=True)
                for token, tone in settled.get(last, {}).items()
                if not tone & tones
            ]
            self._against[key] = np.array(found, np.int64)
        return self._against[key]

    @cached_property
    def groups(self) -> Sequence[tuple[str, ...]]:
        """The rhyme groups of each token, as Tang poets use it."""
        tokens = (self.vocabulary.token(number) for number in range(len(self.vocabulary)))
        return [
            rhymes_of(t, rare=False) if h else () for t, h in zip(tokens, self.is_han, strict=True)
        ]

    @cached_property
    def alike(self) -> Mapping[int, Sequence[int]]:
        """Of tokens that some script writes alike, all of their lot; others have no entry."""
        lots: dict[str, list[int]] = {}
        for number, here in enumerate(self.is_han):
            if here:
                lots.setdefault(unified(self.vocabulary.token(number)), []).append(number)
        return {number: lot for lot in lots.values() if len(lot) > 1 for number in lot}

    @cached_property
    def _rhymes(self) -> Mapping[str, Mask]:
        masks = {name: np.zeros(len(self.vocabulary), bool) for name in RHYMES}
        for number, names in enumerate(self.groups):
            for name in names:
                masks[name][number] = True
        return masks

    def known_rhymes(self, group: str) -> int:
        """Count the characters of a rhyme group."""
        return len(self.rhyme_words[group])

    @cached_property
    def rhyme_words(self) -> Mapping[str, Int64Array]:
        """The tokens of each rhyme group."""
        return {name: np.flatnonzero(mask) for name, mask in self._rhymes.items()}

    def rhyme_mask(self, groups: Sequence[str]) -> Mask:
        """Give the tokens that stand in one of these groups."""
        mask: Mask = np.logical_or.reduce([self._rhymes[name] for name in groups])
        return mask

    def row(self, key: Key) -> Float32Array:
        """Give the bias row (vocabulary,) of a class; not to be modified."""
        if key not in self._rows:
            allowed = self._mask(*key)
            self._rows[key] = np.where(allowed, np.float32(0), np.float32(-np.inf))
        return self._rows[key]

    def _mask(self, name: str, groups: tuple[str, ...]) -> Mask:
        if name not in RHYMING:
            return self._masks[name, groups]
        rhymes = self.rhyme_mask(groups)
        if name == RHYME:
            return rhymes
        mask = np.zeros_like(rhymes)
        if name != FIRST_OBLIQUE:
            mask |= rhymes & self._pure_level
        if name != FIRST_RHYME:
            mask |= self._pure_oblique
        return mask
