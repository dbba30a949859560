"""What a person may wish of a poem, and the request it makes of one model's vocabulary."""

import unicodedata
from collections.abc import Sequence
from typing import Literal, TypedDict, get_args

from ..core.errors import InputError
from ..text.vocabulary import OnUnknown, Vocabulary
from .classes import Classes
from .forms import LINE_END, Form, find_form
from .patterns import LINES, Pattern, find_patterns
from .poem_in_progress import LONGEST, Brief, FixedPlaces
from .tones import LEVEL_RHYMES, MARK_EITHER, MARK_LEVEL, MARK_TONES, RHYMES, find_rhyme

Script = Literal["simplified", "traditional"]
# the network chooses among the groups with so many words for every one that the poem needs
CHOICE = 6
REPETITION = 1.5  # so that as many characters of a poem are distinct as in those of the Tang


class Wishes(TypedDict, total=False):
    """What may be wished of a poem, in simplified or traditional characters."""

    start: str  # the first characters: of the first line, where the form has lines
    acrostic: str  # 藏頭: the first character of each line
    rhyme: str | None  # a rhyme group by its name or a character in it; None: the network's choice
    pattern: str | None  # 平起 or 仄起, 首句入韻 or 首句不入韻, or both; None: the network's choice
    author: str | None  # in whose manner
    title: str | None  # what the poem is about
    lines: int | None  # of 排律 and 古風
    line_length: int | None  # of 古風
    repetition: float  # nats off for a character each time that it stands there; default: 1.5
    rules: bool  # False: nothing is kept to, not even the form; default: True
    script: Script  # of what is written; default: "simplified"
    on_unknown: OnUnknown  # what a character that the model doesn't know does; default: "fail"


class Request:
    """Wishes, completed and checked for one vocabulary.

    Raises:
        InputError: a wish can't be had, or two contradict each other.
        UnknownCharacterError: a character isn't known to the model.
    """

    def __init__(self, form: str, wishes: Wishes, classes: Classes) -> None:
        unknown = set(wishes) - set(Wishes.__annotations__)
        if unknown:
            raise InputError(
                f"no wish {min(unknown)!r}; there are {', '.join(Wishes.__annotations__)}"
            )
        vocabulary = classes.vocabulary
        on_unknown = wishes.get("on_unknown", "fail")
        self.script: Script = wishes.get("script", "simplified")
        self.author, self.title = wishes.get("author"), wishes.get("title")
        self.on_unknown: OnUnknown = on_unknown
        self.rules = wishes.get("rules", True)
        repetition = wishes.get("repetition", REPETITION)
        if self.script not in get_args(Script):
            raise InputError(f"script must be simplified or traditional, got {self.script!r}")
        if on_unknown not in get_args(OnUnknown):
            raise InputError(f"on_unknown must be fail, skip or replace, got {on_unknown!r}")
        if not 0 <= repetition < float("inf"):
            raise InputError(f"repetition must be 0 or above, got {repetition}")
        start, acrostic = wishes.get("start") or "", wishes.get("acrostic") or ""
        lines = wishes.get("lines")
        self.form = find_form(form, lines, wishes.get("line_length"))
        if acrostic and self.form.line_count is None and self.form.line_length and not lines:
            # a form with a free number of lines has one for each character
            self.form = find_form(form, len(_plain(acrostic)), wishes.get("line_length"))
        if not (self.rules and self.form.line_length):
            self.brief = self._free(start, acrostic, wishes, vocabulary)
            return
        fixed = self._fixed_places(_plain(start), _plain(acrostic), vocabulary)
        rhyme, open_rhymes = _rhymes(self.form, wishes.get("rhyme"), classes)
        patterns: tuple[Pattern, ...] = ()
        if self.form.regulated:
            patterns = find_patterns(self.form.line_length, wishes.get("pattern"))
            patterns = _fitting(patterns, self.form, fixed, open_rhymes, classes)
        elif wishes.get("pattern"):
            raise InputError(f"{self.form.name} has no tone patterns, got {wishes['pattern']!r}")
        self.brief = Brief(
            self.form,
            fixed,
            rhyme=rhyme,
            open_rhymes=open_rhymes,
            patterns=patterns,
            repetition=repetition,
        )

    def _free(self, start: str, acrostic: str, wishes: Wishes, vocabulary: Vocabulary) -> Brief:
        for name in ("rhyme", "pattern"):
            if wishes.get(name):
                raise InputError(f"{name} needs a form with rules, got {self.form.name} without")
        if acrostic:
            raise InputError(
                f"acrostic needs a form with lines, got {self.form.name} without rules"
            )
        if len(start) > LONGEST:
            raise InputError(f"start has {len(start)} characters, at most {LONGEST} are read")
        return Brief(self.form, {}, self._read(start, vocabulary), in_lines=False)

    def _read(self, text: str, vocabulary: Vocabulary) -> list[tuple[int, ...]]:
        if self.on_unknown == "replace":
            # <unk> can stand in a title, not in a poem
            return vocabulary.read(text, "fail")
        return vocabulary.read(text, self.on_unknown)

    def _fixed_places(self, start: str, acrostic: str, vocabulary: Vocabulary) -> FixedPlaces:
        form = self.form
        opening, heads = self._read(start, vocabulary), self._read(acrostic, vocabulary)
        if len(opening) > (form.line_length or 0):
            raise InputError(
                f"start has {len(opening)} characters, the first line of {form.name} has "
                f"{form.line_length}; give its first line at most"
            )
        if heads and len(heads) != form.line_count:
            raise InputError(
                f"acrostic has {len(heads)} characters, {form.name} has {form.line_count} lines; "
                "give one for each line"
            )
        fixed = {(0, position): choice for position, choice in enumerate(opening)}
        if heads and opening:
            both = tuple(number for number in opening[0] if number in heads[0])
            if not both:
                raise InputError(
                    f"start begins with {start[0]}, acrostic with {acrostic[0]}: "
                    "they have to be the same character, or leave one of them"
                )
            heads[0] = both
        fixed.update({(line, 0): choice for line, choice in enumerate(heads)})
        return fixed


def _plain(text: str) -> str:
    """Leave out punctuation and spaces, wide or narrow."""
    return "".join(
        character
        for character in text
        if character not in LINE_END and unicodedata.category(character)[0] not in "PZC"
    )


def _rhymes(form: Form, wish: str | None, classes: Classes) -> tuple[str | None, tuple[str, ...]]:
    """Give the wished rhyme group, if any, and the groups that may be rhymed with."""
    if not form.regulated and not wish:
        return None, ()
    words = (form.line_count or 2) // 2 + 1  # the first line may rhyme
    if wish:
        group = find_rhyme(wish)
        if form.regulated and group not in LEVEL_RHYMES:
            raise InputError(
                f"{form.name} rhymes on a level tone, got {group!r} ({RHYMES[group].tone}); "
                f"choose one of {'、'.join(LEVEL_RHYMES)}, or 古風"
            )
        known = classes.known_rhymes(group)
        if known <= words:
            raise InputError(
                f"rhyme {group!r}: the model knows {known} characters of this group, "
                f"{form.name} needs more than {words}; choose another"
            )
        return group, (group,)
    counts = {name: classes.known_rhymes(name) for name in LEVEL_RHYMES}
    found = tuple(name for name, count in counts.items() if count >= CHOICE * words)
    if not found:
        raise InputError(
            f"the model knows too few rhyming characters for the {words} of {form.name}, at most "
            f"{max(counts.values())} in one group; write with rules=False"
        )
    return None, found


def _fitting(
    patterns: Sequence[Pattern],
    form: Form,
    fixed: FixedPlaces,
    rhymes: Sequence[str],
    classes: Classes,
) -> tuple[Pattern, ...]:
    """Give the patterns that the user's own characters break least."""

    def breaks(pattern: Pattern, line: int) -> int:
        length = form.line_length or 0
        here = [p for p in range(length) if (line, p) in fixed]
        return min(
            sum(not _fits(way[p], p == length - 1, fixed[line, p], rhymes, classes) for p in here)
            for way in LINES[length][pattern.kind(line)]
        )

    lines = {line for line, _ in fixed}
    counts = [sum(breaks(pattern, line) for line in lines) for pattern in patterns]
    return tuple(p for p, count in zip(patterns, counts, strict=True) if count == min(counts))


def _fits(
    mark: str, at_end: bool, choice: tuple[int, ...], rhymes: Sequence[str], classes: Classes
) -> bool:
    if mark == MARK_EITHER:
        return True
    if mark == MARK_LEVEL and at_end:
        return any(group in rhymes for number in choice for group in classes.groups[number])
    return any(classes.tones[number] & MARK_TONES[mark] for number in choice)
