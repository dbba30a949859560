"""Poems of a small model with random weights: it knows nothing, so the rules do it all."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qibu
from qibu import Composition, InputError, Poet, Sampling, Stepper, UnknownCharacterError
from qibu.text.vocabulary import Vocabulary
from qibu.verse.classes import FREE, Classes
from qibu.verse.composition import best
from qibu.verse.forms import FORMS, is_han, split_lines
from qibu.verse.report import check
from qibu.verse.request import Script, Wishes
from qibu.verse.tones import rhymes_of

REGULATED = [name for name, form in FORMS.items() if form.regulated]
WILD = Sampling(temperature=3.0, top_k=0, top_p=1.0)


@pytest.fixture
def poet(poem_file: Path) -> Poet:
    return Poet(Stepper(poem_file))


@pytest.mark.parametrize("form", REGULATED)
def test_every_rule_of_a_regulated_form_is_kept(poet: Poet, form: str) -> None:
    for poem in poet.compose_many(30, form, seed=0, sampling=WILD, repetition=0):
        assert poem.report.passed, f"{poem}\n{poem.report}"
        assert (poem.report.pattern, poem.report.rhyme) == (poem.pattern, poem.rhyme)


def test_without_rules_they_are_broken(poet: Poet) -> None:
    poems = poet.compose_many(10, "五絕", seed=0, sampling=WILD, rules=False)
    assert not any(poem.lines and poem.report.passed for poem in poems)


def test_a_wished_rhyme_is_kept_by_its_name_or_a_character_in_either_script(poet: Poet) -> None:
    for wish in ("東", "东", "公"):
        for poem in poet.compose_many(5, "七律", seed=1, sampling=WILD, rhyme=wish):
            assert poem.rhyme == "東" and poem.report.passed


def test_the_network_chooses_among_rhymes(poet: Poet) -> None:
    poems = poet.compose_many(40, seed=0, sampling=WILD)
    assert len({poem.rhyme for poem in poems}) > 1


@pytest.mark.parametrize(
    "pattern", ["平起首句入韻", "平起首句不入韻", "仄起首句入韻", "仄起首句不入韻"]
)
def test_a_wished_pattern_is_kept(poet: Poet, pattern: str) -> None:
    for poem in poet.compose_many(5, "五律", seed=1, sampling=WILD, pattern=pattern):
        assert poem.pattern == poem.report.pattern == pattern


@pytest.mark.parametrize("form", ["五絕", "七絕", "五律", "七律", "五古"])
def test_an_acrostic_stands_at_the_heads_of_the_lines(poet: Poet, form: str) -> None:
    heads = "春風花落知月東山"[: FORMS[form].line_count or 8]
    for poem in poet.compose_many(5, form, acrostic=heads, script="traditional"):
        assert "".join(line[0] for line in poem.lines) == heads


def test_an_acrostic_is_read_without_its_punctuation(poet: Poet) -> None:
    poem = poet.compose("五絕", acrostic="春,風。花! 落", script="traditional")
    assert "".join(line[0] for line in poem.lines) == "春風花落"


def test_any_acrostic_of_known_characters_is_exact(poet: Poet) -> None:
    known = [character for character in poet.vocabulary.characters if is_han(character)]
    draw = random.Random(0)
    for _ in range(100):
        heads = "".join(draw.choices(known, k=4))
        poem = poet.compose("五絕", acrostic=heads, seed=1, script="traditional")
        # a character that both scripts use may stand for several
        simplify = poet.vocabulary.simplify
        assert simplify("".join(line[0] for line in poem.lines)) == simplify(heads)
        assert [len(line) for line in poem.lines] == [5, 5, 5, 5]


def test_a_whole_first_line_may_be_given_with_punctuation(poet: Poet) -> None:
    poem = poet.compose("五絕", start="白日依山盡，", seed=1, script="traditional")
    assert poem.lines[0] == "白日依山盡"
    assert poem.report.passed


def test_the_rhyme_of_a_given_first_line_is_kept(poet: Poet) -> None:
    poem = poet.compose("五絕", start="夜月入風東", seed=1)
    assert poem.rhyme == "東"


def test_where_given_characters_break_the_pattern_they_win_and_the_report_says_so(
    poet: Poet,
) -> None:
    poem = poet.compose("五絕", start="東風春山", seed=1, script="traditional")
    assert poem.lines[0].startswith("東風春山")
    assert {rule.line for rule in poem.report.broken} == {1}


def test_a_simplified_character_is_read_as_one_of_its_traditional_ones(poet: Poet) -> None:
    poems = poet.compose_many(60, "五絕", start="发", sampling=WILD, script="traditional")
    assert {poem.lines[0][0] for poem in poems} == {"發", "髮"}


def test_output_is_simplified_unless_traditional_is_wished(poet: Poet) -> None:
    assert poet.compose("五絕", start="東", seed=1).lines[0][0] == "东"
    assert poet.compose("五絕", start="东", seed=1, script="traditional").lines[0][0] == "東"


def test_several_poems_are_the_poems_of_their_seeds(poet: Poet) -> None:
    several = poet.compose_many(3, "七絕", seed=5)
    assert [poem.text for poem in several] == [poet.compose("七絕", seed=s).text for s in (5, 6, 7)]


def test_the_best_of_several_is_one_of_them_and_names_its_seed(poet: Poet) -> None:
    chosen = poet.compose("七絕", seed=5, best_of=6)
    several = poet.compose_many(6, "七絕", seed=5)
    assert chosen in several
    assert chosen.mean_log_probability >= sorted(p.mean_log_probability for p in several)[2]
    assert poet.compose("七絕", seed=chosen.seed) == chosen


def test_copied_lines_count_against_a_poem(poet: Poet) -> None:
    poems = poet.compose_many(2, "五絕", seed=5)
    likelier = best(poems)
    assert best(poems, lambda line: line in likelier.traditional) != likelier


def test_repetition_is_discouraged(poet: Poet) -> None:
    def distinct(strength: float) -> float:
        poems = poet.compose_many(10, "五律", seed=0, sampling=WILD, repetition=strength)
        return sum(len(set("".join(poem.lines))) for poem in poems)

    assert distinct(5.0) > distinct(0.0)


def test_a_poem_has_no_line_twice(poet: Poet) -> None:
    certain = Sampling(temperature=0.01, top_k=1)
    for form in ("五古", "五律"):
        lines = poet.compose(
            form, lines=30 if form == "五古" else None, sampling=certain, repetition=0
        ).lines
        assert len(set(lines)) == len(lines)


@pytest.fixture(scope="module")
def wild_poems() -> list[Composition]:
    """Poems that only the rules hold back, of all characters of the Tang."""
    poet = qibu.load("poem")
    assert isinstance(poet, Poet)
    wishes: list[Wishes] = [{"rhyme": group} for group in "先支真庚麻"]
    forms = ["七律", "七絕", "五排"]
    asked = [(form, wish) for form in forms for wish in wishes]
    return [
        poem
        for form, wish in asked
        for poem in poet.compose_many(20, form, seed=1, sampling=WILD, **wish)
    ]


def test_no_rhyme_word_stands_twice_in_whichever_script(wild_poems: list[Composition]) -> None:
    for poem in wild_poems:
        assert check(poem.lines).passed, f"{poem}\n{check(poem.lines)}"
        assert check(split_lines(poem.traditional), poem.shape).passed


def test_no_mark_of_a_lost_character_is_drawn(poet: Poet) -> None:
    marked = Vocabulary(poet.vocabulary.controls, "囗春", "囗春")
    classes = Classes(marked)
    assert (classes.is_han, classes.tones[-2]) == (
        [False] * len(marked.controls) + [False, True],
        0,
    )
    assert not np.isfinite(classes.row(FREE)[marked.id("囗")])


def test_poems_rhyme_on_readings_that_poets_used(wild_poems: list[Composition]) -> None:
    for poem in wild_poems:
        words = [line[-1] for line in split_lines(poem.traditional)[1::2]]
        assert all(poem.rhyme in rhymes_of(word, rare=False) for word in words)
        assert "罕讀" not in {rule.name for rule in poem.report.rules}


@pytest.mark.parametrize(
    ("script", "heading"), [("simplified", "拟刘禹锡 七步"), ("traditional", "擬劉禹錫 七步")]
)
def test_a_poem_in_an_author_s_manner_says_that_it_is_not_his(script: Script, heading: str) -> None:
    poet = qibu.load("poem")
    assert isinstance(poet, Poet)
    for name in ("刘禹锡", "劉禹錫"):
        assert poet.compose("五絕", author=name, seed=1, script=script).heading == heading
    assert poet.compose("五絕", seed=1).heading is None


def test_old_style_verse_ends_at_a_couplet(poet: Poet) -> None:
    for poem in poet.compose_many(5, "五古", seed=0, sampling=WILD):
        assert {len(line) for line in poem.lines} == {5}
        assert not len(poem.lines) % 2 and poem.text.endswith("。")
        assert len(poem.lines) >= 4


def test_old_style_verse_may_rhyme_on_an_oblique_tone(poet: Poet) -> None:
    poem = poet.compose("古風", lines=8, line_length=6, rhyme="有", script="traditional")
    assert poem.rhyme == "有"
    assert all("有" in rhymes_of(line[-1]) for line in poem.lines[1::2])


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"acrostic": "春風花"}, "acrostic has 3 characters, 七絕 has 4 lines"),
        ({"acrostic": "春風花落知"}, "acrostic has 5 characters, 七絕 has 4 lines"),
        ({"start": "春眠不覺曉處處聞"}, "start has 8 characters, the first line of 七絕 has 7"),
        ({"start": "夜", "acrostic": "春風花落"}, "start begins with 夜, acrostic with 春"),
        ({"rhyme": "鼠"}, "level tone, got '語'"),
        ({"rhyme": "有"}, "level tone, got '有'"),
        ({"rhyme": "江"}, "the model knows"),
        ({"rhyme": "rhyme"}, "rhyme"),
        ({"pattern": "上起"}, "pattern must be one of"),
        ({"repetition": -1}, "repetition"),
        ({"script": "latin"}, "script must be simplified or traditional, got 'latin'"),
        ({"lines": 6}, "七絕 has 4 lines, got 6"),
        ({"form": "雜言", "acrostic": "春風"}, "acrostic needs a form with lines"),
        ({"form": "雜言", "rhyme": "東"}, "rhyme needs a form with rules"),
        ({"form": "五古", "pattern": "平起"}, "五古 has no tone patterns"),
        ({"colour": "red"}, "no wish 'colour'.*acrostic"),
    ],
)
def test_a_wish_that_can_not_be_had_is_an_error_before_the_first_character(
    poet: Poet, wishes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        poet.stream(**wishes)


@pytest.mark.parametrize("text", ["A", "Ａ", "🙂", "7", "龘"])
@pytest.mark.parametrize("wish", ["start", "acrostic", "title"])
def test_what_the_model_does_not_know_is_named(poet: Poet, wish: str, text: str) -> None:
    wishes: Any = {wish: f"春風花{text}"}
    with pytest.raises(UnknownCharacterError, match=text):
        poet.compose(**wishes)


@pytest.mark.parametrize("marks", ["，。", ",.", "!?", "！？", "「」", " \u3000"])
def test_punctuation_in_a_start_is_passed_over(poet: Poet, marks: str) -> None:
    start = f"春{marks[0]}風{marks[-1]}"
    assert poet.compose(start=start, seed=1, script="traditional").lines[0].startswith("春風")


@pytest.mark.parametrize("count", [0, -1, 100_000])
def test_a_number_of_poems_out_of_range_is_an_error(poet: Poet, count: int) -> None:
    with pytest.raises(InputError, match=str(count)):
        poet.compose(best_of=count)
