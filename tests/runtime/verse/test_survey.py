from pathlib import Path

import pytest

from qibu import Poet, Stepper
from qibu.verse.quality import verse_table
from qibu.verse.survey import survey


@pytest.fixture
def poet(poem_file: Path) -> Poet:
    return Poet(Stepper(poem_file))


def test_poems_by_the_rules_keep_them_and_the_network_alone_does_not(poet: Poet) -> None:
    figures = survey(poet, 40)
    ruled, free = figures["rules"], figures["free"]
    assert ruled["poems"] == free["poems"] == 40
    assert [ruled[name] for name in ("form", "rhyme", "tones", "all", "line_twice")] == [
        1,
        1,
        1,
        1,
        0,
    ]
    assert free["all"] < 0.5
    assert ruled["mean_log_probability"] < 0


def test_lines_of_the_corpus_are_counted_by_their_length(poet: Poet) -> None:
    figures = survey(poet, 8, lambda line: len(line) == 7)
    assert (figures["rules"]["copied_lines_5"], figures["rules"]["copied_lines_7"]) == (0, 1)


def test_the_table_shows_both_kinds(poet: Poet) -> None:
    table = verse_table(survey(poet, 8, lambda line: False))
    assert "| all rules kept | 100.0% |" in table
