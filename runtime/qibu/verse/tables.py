"""The forms, patterns, tones and rhymes as one JSON document, for other languages to read."""

from collections import defaultdict
from dataclasses import asdict
from typing import Any

from .composition import REPETITION_COST
from .forms import (
    FEWEST_EXTENDED_LINES,
    FORMS,
    LINE_END,
    LONGEST_LINES,
    LOST,
    MARKS,
    SIMPLIFIED_NAMES,
)
from .patterns import CYCLE, LINES, PATTERNS, RHYMED_FIRST, SIMPLIFIED_WORDS
from .poem_in_progress import FEWEST_LINES, LONGEST
from .request import CHOICE, REPETITION
from .tones import (
    RHYMES,
    Tone,
    find_rhyme,
    known_characters,
    rhymes_of,
    tone_of,
    unified,
    usual_tone_of,
    word_tones,
)

FORMAT = 1
_SIDES = (Tone.LEVEL, Tone.OBLIQUE)


def verse_tables() -> dict[str, Any]:
    """Give all that a program needs to keep the rules of verse, and nothing of any model.

    `rhymes` has for each group its tone, the characters that stand in it (`rhymes_of`), those of
    them that poets hardly rhymed so, and those that ask for it as a wish although they would not by
    the first level group in which they stand (`find_rhyme`). `alike` has the characters that some
    script writes as one (`unified`); `usual` by its tone the characters of two tones that mostly
    have that one (`usual_tone_of`), `words` those that settle the tone of their first character,
    then those of their second (`word_tones`). A tone is 1, level, or 2, oblique.
    """
    members, rare, asked = defaultdict(list), defaultdict(list), defaultdict(list)
    lots: dict[str, str] = defaultdict(str)
    usual: dict[Tone, list[str]] = {tone: [] for tone in _SIDES}
    for character in known_characters():
        lots[unified(character)] += character
        if usual_tone_of(character) != tone_of(character):
            usual[usual_tone_of(character)].append(character)
        names = rhymes_of(character)
        used = rhymes_of(character, rare=False)
        for name in names:
            members[name].append(character)
            if name not in used:
                rare[name].append(character)
        level = [name for name in names if RHYMES[name].tone == "level"]
        if find_rhyme(character) != (level or names or ("",))[0]:
            asked[find_rhyme(character)].append(character)
    return {
        "format": FORMAT,
        "line_end": LINE_END,
        "lost": LOST,
        "marks": list(MARKS),
        "fewest_lines": FEWEST_LINES,
        "longest": LONGEST,
        "choice": CHOICE,
        "repetition": REPETITION,
        "repetition_cost": REPETITION_COST,
        "forms": [asdict(form) for form in FORMS.values()],
        "fewest_extended_lines": FEWEST_EXTENDED_LINES,
        "longest_lines": LONGEST_LINES,
        "simplified_names": SIMPLIFIED_NAMES | SIMPLIFIED_WORDS,
        "lines": {str(length): ways for length, ways in LINES.items()},
        "cycle": CYCLE,
        "rhymed_first": RHYMED_FIRST,
        "patterns": {
            str(length): [asdict(pattern) for pattern in patterns]
            for length, patterns in PATTERNS.items()
        },
        "usual": {str(int(tone)): "".join(some) for tone, some in usual.items()},
        "words": [
            {str(int(tone)): [w for w, its in words.items() if its == tone] for tone in _SIDES}
            for words in word_tones()
        ],
        "alike": [lot for lot in lots.values() if len(lot) > 1],
        "rhymes": [
            {
                "name": name,
                "tone": group.tone,
                "characters": "".join(members[name]),
                "rare": "".join(rare[name]),
                "asked_by": "".join(asked[name]),
            }
            for name, group in RHYMES.items()
        ],
    }
