"""The tables that pingshui.txt is made from: the groups, Guangyun, OpenCC."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import opencc

from qibu.verse.tones import Tone

Readings = dict[str, list[str]]  # a character: the names of its groups

TONE_OF_SECTION = {
    "上平聲部": "level",
    "下平聲部": "level",
    "上聲部": "rising",
    "去聲部": "departing",
    "入聲部": "entering",
}
TONE_OF_MARK = {"平": "level", "上": "rising", "去": "departing", "入": "entering"}
TAIWAN_AND_HONG_KONG = ("t2tw", "tw2t", "t2hk", "hk2t")
JAPAN = ("t2jp", "jp2t")
BASIC = [chr(code) for code in range(0x3400, 0xA000)]


class Groups:
    """The groups by name, and which tone each has."""

    def __init__(self, path: Path) -> None:
        self.sections: dict[str, str] = {}  # name: rising, …
        self.members: dict[str, list[str]] = {}  # as they come; the name first
        self.readings: Readings = {}
        for tones in json.loads(path.read_text("utf-8")).values():
            for section, groups in tones.items():
                for title, rows in groups.items():
                    name = title[-1]
                    self.sections[name] = TONE_OF_SECTION[section]
                    # the head of 先 stands only in its title
                    characters = dict.fromkeys(filter(is_han, name + "".join(rows)))
                    self.members[name] = list(characters)
                    for character in characters:
                        self.readings.setdefault(character, []).append(name)

    def tone_of(self, name: str) -> Tone:
        """Say whether a group is level or oblique."""
        return Tone.LEVEL if self.sections[name] == "level" else Tone.OBLIQUE

    def tones_of(self, names: Iterable[str]) -> Tone:
        """Join the tones of several groups."""
        tone = Tone.UNKNOWN
        for name in names:
            tone |= self.tone_of(name)
        return tone


def is_han(character: str) -> bool:
    """Say whether a character is Han, not punctuation, a letter or a stray word of a web page."""
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


def read_guangyun(path: Path, groups: Groups) -> Readings:
    """Read the characters of Guangyun, its rhymes mapped onto the groups."""
    rhymes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["資料名稱"] == "廣韻":
                rhyme = (row["韻部原貌"], TONE_OF_MARK[row["最簡描述"][-1]])
                for character in row["字頭"] or row["字頭覈校前"]:
                    rhymes[character].append(rhyme)
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for character, its_rhymes in rhymes.items():
        for rhyme in dict.fromkeys(its_rhymes):
            for name in groups.readings.get(character, []):
                if groups.sections[name] == rhyme[1]:
                    votes[rhyme][name] += 1
    name_of = {rhyme: vote.most_common(1)[0][0] for rhyme, vote in votes.items()}
    order = list(groups.sections)
    return {
        character: sorted({name_of[rhyme] for rhyme in its_rhymes}, key=order.index)
        for character, its_rhymes in rhymes.items()
    }


def find_variants(known: Iterable[str], ways: Iterable[str]) -> dict[str, str]:
    """Find the unknown characters that OpenCC writes for a known one, or a known one for them."""
    known = set(known)
    found: dict[str, str] = {}
    for way in ways:
        convert = opencc.OpenCC(way).convert
        for character in BASIC:
            other = convert(character)
            if len(other) == 1 and (character in known) != (other in known):
                standard, variant = sorted((character, other), key=known.__contains__)[::-1]
                found.setdefault(variant, standard)
    return found


def find_simplified(characters: Iterable[str]) -> dict[str, list[str]]:
    """Find the simplified characters, each with those of `characters` that it is written for."""
    convert = opencc.OpenCC("t2s").convert
    found: dict[str, list[str]] = defaultdict(list)
    for character in sorted(characters):
        simplified = convert(character)
        if simplified != character and len(simplified) == 1:
            found[simplified].append(character)
    return found
