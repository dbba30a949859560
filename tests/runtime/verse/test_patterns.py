from collections.abc import Iterator
from itertools import pairwise

import pytest

from qibu import InputError
from qibu.verse.patterns import LINES, PATTERNS, Place, find_patterns, first_place
from qibu.verse.tones import Tone

LEVEL, OBLIQUE = int(Tone.LEVEL), int(Tone.OBLIQUE)


def lines_of(place: Place, line: str = "") -> Iterator[tuple[str, Place]]:
    """Walk every way through a line; give its tones and the place after it."""
    for tone, mark in ((LEVEL, "平"), (OBLIQUE, "仄")):
        if place.tones & tone:
            after = place.after(tone)
            if place.ends_line:
                yield line + mark, after
            else:
                yield from lines_of(after, line + mark)


@pytest.mark.parametrize("length", [5, 7])
def test_lines_of_a_couplet_oppose_and_couplets_adhere(length: int) -> None:
    for first, second in lines_of(first_place(length, frozenset(PATTERNS[length]))):
        for other, third in lines_of(second):
            assert first[1] != other[1] and other[-1] == "平"
            assert {line[1] for line, _ in lines_of(third)} == {other[1]}


@pytest.mark.parametrize("length", [5, 7])
def test_even_characters_alternate_but_for_the_exchange_that_tradition_accepts(
    length: int,
) -> None:
    for line, _ in lines_of(first_place(length, frozenset(PATTERNS[length]))):
        evens = line[1::2]
        exchanged = line[-5:] == "平平仄平仄"
        assert exchanged or all(a != b for a, b in pairwise(evens))


@pytest.mark.parametrize("length", [5, 7])
def test_no_line_has_a_lonely_level_or_three_at_its_end(length: int) -> None:
    for kinds in LINES[length].values():
        for way in kinds:
            assert "平" not in way[-3:-1] or not way.endswith("平平平")
    for line, _ in lines_of(first_place(length, frozenset(PATTERNS[length]))):
        assert not line.endswith("平平平")
        if line[-4:] == "平仄仄平":
            assert line[-5] == "平"


def test_the_names_go_by_the_second_character() -> None:
    names = {pattern.name for pattern in PATTERNS[5]}
    assert names == {f"{start}起首句{rhyme}" for start in "平仄" for rhyme in ("入韻", "不入韻")}
    for length, patterns in PATTERNS.items():
        for pattern in patterns:
            for line, _ in lines_of(first_place(length, frozenset([pattern]))):
                assert line[1] == pattern.name[0]
                assert (line[-1] == "平") == pattern.rhymed_first


def test_a_character_that_does_not_fit_leaves_everything_open() -> None:
    place = first_place(5, frozenset(find_patterns(5, "仄起首句不入韻")))
    second = place.after(LEVEL)
    assert second.tones == OBLIQUE
    assert second.after(LEVEL).paths == second.after(OBLIQUE).paths


@pytest.mark.parametrize(
    ("wish", "count"), [(None, 4), ("平起", 2), ("首句入韵", 2), ("仄起首句不入韻", 1)]
)
def test_a_part_of_a_name_chooses_patterns(wish: str | None, count: int) -> None:
    assert len(find_patterns(7, wish)) == count


def test_a_pattern_that_there_is_not_is_an_error() -> None:
    with pytest.raises(InputError, match=r"仄起首句入韻.*上起"):
        find_patterns(5, "上起")
