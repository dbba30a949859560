"""The tones and rhymes of characters, by the 106 rhyme groups of Pingshui.

The table is `pingshui.txt` beside this file, which says how it was made; it is read at the first
question.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from ..core.errors import InputError

ToneName = Literal["level", "rising", "departing", "entering"]

_TONES: tuple[ToneName, ...] = ("level", "rising", "departing", "entering")
_FILE = Path(__file__).with_name("pingshui.txt")
_Groups = tuple[str, ...]

LEVEL_RHYMES = tuple("東冬江支微魚虞齊佳灰真文元寒刪先蕭肴豪歌麻陽庚青蒸尤侵覃鹽咸")


class Tone(IntFlag):
    """The tones of regulated verse; a character with readings in both has both flags."""

    UNKNOWN = 0
    LEVEL = 1
    OBLIQUE = 2


_SIDES = (("level", Tone.LEVEL), ("oblique", Tone.OBLIQUE))
# plain numbers: operations on flags are slow, and every character takes some
LEVEL_BIT, OBLIQUE_BIT = int(Tone.LEVEL), int(Tone.OBLIQUE)
# the tones as a pattern writes them, and which it allows
MARK_LEVEL, MARK_OBLIQUE, MARK_EITHER = "平", "仄", "中"
MARK_TONES: Mapping[str, int] = {
    MARK_LEVEL: LEVEL_BIT,
    MARK_OBLIQUE: OBLIQUE_BIT,
    MARK_EITHER: LEVEL_BIT | OBLIQUE_BIT,
}


@dataclass(frozen=True)
class RhymeGroup:
    """A rhyme group: the characters that rhyme with one another, named by the first of them."""

    name: str
    tone: ToneName
    characters: frozenset[str]  # traditional characters and their variants


class _Table(NamedTuple):
    tone_names: dict[str, ToneName]  # of the groups, in traditional order
    groups: dict[str, _Groups]  # of a traditional character or a variant
    used: dict[str, _Groups]  # those but the level ones in which Tang poets hardly rhyme it
    usual: dict[str, Tone]  # a character of two tones: the one that poets use
    words: tuple[dict[str, Tone], dict[str, Tone]]  # a word: the tone of its first, of its second
    alike: dict[str, str]  # a character: the first of those that some script writes as it
    simplified: dict[str, str]  # a simplified character: the traditional ones it stands for


def _read_sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("["):
            entries = sections.setdefault(line[1:-1], [])
        elif not line.startswith("#"):
            entries += line.split()
    return sections


@cache
def _table() -> _Table:
    sections = _read_sections()
    groups: dict[str, _Groups] = {}
    tone_names: dict[str, ToneName] = {}
    for tone in _TONES:
        for entry in sections[tone]:
            name = entry[0]
            tone_names[name] = tone
            new: dict[str, _Groups] = dict.fromkeys(entry, (name,))
            for character in new.keys() & groups.keys():
                new[character] = (*groups[character], name)
            groups.update(new)
    used = dict(groups)
    for entry in sections["rare"]:
        used[entry[0]] = tuple(name for name in groups[entry[0]] if name not in entry[1:])
    for entry in sections["variants"]:
        groups.update(dict.fromkeys(entry[1:], groups[entry[0]]))
        used.update(dict.fromkeys(entry[1:], used[entry[0]]))
    simplified = {entry[0]: entry[1:] for entry in sections["simplified"]}
    usual = {c: tone for name, tone in _SIDES for c in sections[f"usually {name}"]}
    first, second = (
        {word: tone for name, tone in _SIDES for word in sections[f"{name} {place}"]}
        for place in ("first", "second")
    )
    alike = {character: entry[0] for entry in sections["alike"] for character in entry}
    return _Table(tone_names, groups, used, usual, (first, second), alike, simplified)


@cache
def _rhyme_groups() -> dict[str, RhymeGroup]:
    table = _table()
    members: dict[str, list[str]] = {name: [] for name in table.tone_names}
    for character, names in table.groups.items():
        for name in names:
            members[name].append(character)
    return {
        name: RhymeGroup(name, table.tone_names[name], frozenset(characters))
        for name, characters in members.items()
    }


@cache
def _tone_of_groups(names: _Groups) -> Tone:
    tone = Tone.UNKNOWN
    for name in names:
        tone |= Tone.LEVEL if name in LEVEL_RHYMES else Tone.OBLIQUE
    return tone


class _Rhymes(Mapping[str, RhymeGroup]):
    def __getitem__(self, name: str) -> RhymeGroup:
        return _rhyme_groups()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_table().tone_names)

    def __len__(self) -> int:
        return len(_table().tone_names)


RHYMES: Mapping[str, RhymeGroup] = _Rhymes()  # all 106, in traditional order; read when first used


def rhymes_of(character: str, *, simplified: bool = False, rare: bool = True) -> tuple[str, ...]:
    """Name the rhyme groups that a character stands in, in traditional order; () if unknown.

    A character that only simplified script uses (发) answers for all that it stands for (發, 髮).
    One that traditional script uses too (干) answers for itself, and with `simplified` also for
    the others it may stand for (乾, 幹). Without `rare`, level groups in which Tang poets rhymed it
    in less than 5 % of the cases (還 in 先) are left out.
    """
    table = _table()
    groups = table.groups if rare else table.used
    own = groups.get(character, ())
    if own and not simplified:
        return own
    others = [groups[other] for other in table.simplified.get(character, "")]
    names = {name for some in (own, *others) for name in some}
    return tuple(name for name in table.tone_names if name in names)


def tone_of(character: str, *, simplified: bool = False) -> Tone:
    """Say which tones a character's readings have; `simplified` as for `rhymes_of`."""
    return _tone_of_groups(rhymes_of(character, simplified=simplified))


def usual_tone_of(character: str) -> Tone:
    """Say which tones Tang poets use a character in: its own, or of two the one that it mostly has.

    A word that it stands in may say otherwise: `word_tones`.
    """
    return _table().usual.get(character, tone_of(character))


def word_tones() -> tuple[Mapping[str, Tone], Mapping[str, Tone]]:
    """Give words of two characters whose sense settles the tone of the first, or of the second.

    In 相思 the second is level, although 思 by itself has two tones.
    """
    return _table().words


def unified(character: str) -> str:
    """Give the same character for all that simplified script writes as one, and for variants."""
    return _table().alike.get(character, character)


def known_characters() -> list[str]:
    """List the characters of the table, simplified ones too, by code point."""
    table = _table()
    return sorted({*table.groups, *table.simplified})


def is_simplified(text: str) -> bool:
    """Say whether a text has a character that only simplified script uses."""
    table = _table()
    return any(
        character in table.simplified and character not in table.groups for character in text
    )


def find_rhyme(wish: str) -> str:
    """Name the rhyme group with this name, or else that of this character in either script.

    A character in several groups means the first level one of those in which Tang poets rhymed it.

    Raises:
        InputError: there is no such group.
    """
    if wish in RHYMES:
        return wish
    names = rhymes_of(wish, simplified=True, rare=False)
    if not names:
        raise InputError(
            f"rhyme {wish!r} is no rhyme group and no character of one; "
            f"take one of {' '.join(LEVEL_RHYMES)}, or a character that rhymes with it"
        )
    return min(names, key=lambda name: name not in LEVEL_RHYMES)
