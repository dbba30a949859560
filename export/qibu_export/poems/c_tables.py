"""The rules of verse as tables in C, of one vocabulary: what `verse.c` looks up."""

from collections.abc import Iterable, Mapping

from qibu.text.vocabulary import Vocabulary
from qibu.verse.classes import Classes
from qibu.verse.forms import FORMS, MARKS
from qibu.verse.patterns import LINES, PATTERNS, Place, first_place
from qibu.verse.prompt import form_token
from qibu.verse.request import Request
from qibu.verse.tones import LEVEL_RHYMES, MARK_TONES

from ..targets.c.names import quoted
from ..text.c_writing import batched

TONES = range(4)  # none known, level, oblique, both


class Verse:
    """The tables of one vocabulary.

    Attributes:
        sizes: by the names of the header's constants.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._classes = Classes(vocabulary)
        self._vocabulary = vocabulary
        known = [f for f in FORMS.values() if f.regulated and form_token(f.control) in vocabulary]
        self._briefs = [Request(form.name, {}, self._classes).brief for form in known]
        self._forms = [brief.form for brief in self._briefs]
        lengths = sorted({form.line_length or 0 for form in self._forms})
        most = {
            length: max(f.line_count or 0 for f in self._forms if f.line_length == length)
            for length in lengths
        }
        self._places: list[Place] = []
        self._numbers: dict[Place, int] = {}
        self._after: dict[tuple[int, int], int] = {}
        self._starts = {length: self._walk(length, most[length]) for length in lengths}
        self._words = [
            f"{{{one}, {other}, {which}, {tone}}}"
            for which, settled in enumerate(self._classes.words)
            for one, others in settled.items()
            for other, tone in others.items()
        ]
        self._ways = {length: _ways(length) for length in lengths}
        comma, stop = (vocabulary.id(mark) for mark in MARKS)
        self.sizes: Mapping[str, object] = {
            "COMMA": f"{comma} /* the marks after odd and even lines */",
            "STOP": stop,
            "FORMS": len(self._forms),
            "LONGEST_LINE": max(lengths),
            "LONGEST_POEM": max(most.values()),
            "PLACES": len(self._places),
            "WORDS": len(self._words),
            "WAYS": max(len(ways) for ways in self._ways.values()),
        }

    def _walk(self, length: int, lines: int) -> list[int]:
        """Note every place that a poem can come through.

        Returns:
            The place that a poem begins with, by the patterns that are possible, a bit each.
        """
        patterns = PATTERNS[length]
        starts = [0]
        for bits in range(1, 2 ** len(patterns)):
            possible = frozenset(p for place, p in enumerate(patterns) if bits >> place & 1)
            starts.append(self._number(first_place(length, possible)))
        reached = starts[1]
        while reached < len(self._places):
            place = self._places[reached]
            for tone in TONES:
                after = place.after(tone)
                self._after[reached, tone] = self._number(after) if after.line < lines else 0
            reached += 1
        return starts

    def _number(self, place: Place) -> int:
        if place not in self._numbers:
            self._numbers[place] = len(self._places)
            self._places.append(place)
        return self._numbers[place]

    def source(self) -> str:
        """Give the tables as C."""
        size = len(self._vocabulary)
        tokens = [quoted(self._vocabulary.token(number)) for number in range(size)]
        rhymes = [self._bits(groups) for groups in self._classes.groups]
        every_tone = map(str, self._classes.all_tones)
        alike = [str(self._classes.alike.get(number, [number])[0]) for number in range(size)]
        places = [
            f"{{{place.tones}, {int(place.ends_line)}, "
            f"{{{', '.join(str(self._after[number, tone]) for tone in TONES)}}}}}"
            for number, place in enumerate(self._places)
        ]
        forms = [
            f"{{{quoted(form.name)}, {form.line_length}, {form.line_count}, "
            f"{self._vocabulary.id(form_token(form.control))}, {self._bits(brief.open_rhymes)}, "
            f"starts{form.line_length}, ways{form.line_length}}}"
            for form, brief in zip(self._forms, self._briefs, strict=True)
        ]
        parts = ['#include "verse.h"']
        for length, starts in self._starts.items():
            parts.append(_table(f"static const uint16_t starts{length}[]", map(str, starts), 12))
            parts.append(
                _table(f"static const qibu_way ways{length}[QIBU_WAYS]", self._ways[length])
            )
        for declared, items, in_a_row in (
            ("char *const qibu_tokens[QIBU_VOCABULARY_SIZE]", tokens, 12),
            ("uint8_t qibu_tones[QIBU_VOCABULARY_SIZE]", map(str, self._classes.tones), 24),
            ("uint8_t qibu_all_tones[QIBU_VOCABULARY_SIZE]", every_tone, 24),
            ("qibu_word qibu_words[QIBU_WORDS]", self._words, 4),
            ("uint32_t qibu_rhymes[QIBU_VOCABULARY_SIZE]", rhymes, 8),
            ("int32_t qibu_alike[QIBU_VOCABULARY_SIZE]", alike, 16),
            ("qibu_place qibu_places[QIBU_PLACES]", places, 4),
            ("qibu_form qibu_forms[QIBU_FORMS]", forms, 1),
        ):
            parts.append(_table(f"const {declared}", items, in_a_row))
        return "\n\n".join(parts) + "\n"

    def _bits(self, groups: Iterable[str]) -> str:
        return f"0x{sum(1 << LEVEL_RHYMES.index(g) for g in groups if g in LEVEL_RHYMES):X}"


def _ways(length: int) -> list[str]:
    """Give what a first line may be under each pattern."""
    found = []
    for place, pattern in enumerate(PATTERNS[length]):
        for way in LINES[length][pattern.kind(0)]:
            found.append(f"{{{1 << place}, {{{', '.join(str(MARK_TONES[m]) for m in way)}}}}}")
    return found


def _table(declared: str, items: Iterable[str], in_a_row: int = 1) -> str:
    rows = [", ".join(row) for row in batched(items, in_a_row)]
    return f"{declared} = {{\n    " + ",\n    ".join(rows) + ",\n};"
