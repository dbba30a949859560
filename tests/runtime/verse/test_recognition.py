"""What the checker says a poem is, where nobody says what it should be."""

import re

import pytest

from qibu.verse.forms import FORMS
from qibu.verse.report import check

from .anthology import ANTHOLOGY, DIFFERENT, Anthologised
from .famous import OLD_STYLE, Famous, faults, name_of


@pytest.mark.parametrize("poem", OLD_STYLE, ids=name_of)
def test_a_famous_old_style_poem_passes_and_breaks_the_rules_of_a_form_asked_for(
    poem: Famous,
) -> None:
    report = check(poem.text)
    assert report.passed and report.pattern is None
    assert report.form == ("雜言" if poem.form == "雜言" else "五古")
    judged = check(poem.text, poem.form)
    assert judged.form == poem.form
    assert set(poem.facts) <= faults(judged)


@pytest.mark.parametrize("poem", ANTHOLOGY, ids=lambda poem: f"{poem.author}{poem.title}")
def test_a_poem_is_what_its_section_of_the_anthology_says(poem: Anthologised) -> None:
    form, _ = DIFFERENT.get((poem.author, poem.title), (poem.form, ""))
    report = check(poem.text)
    assert report.form == form
    assert report.passed or FORMS[form].regulated


def test_the_anthology_and_the_checker_differ_on_19_of_311_poems() -> None:
    poems = {(poem.author, poem.title): poem for poem in ANTHOLOGY}
    assert (len(ANTHOLOGY), len(DIFFERENT)) == (311, 19)
    assert all(poems[name].form != form for name, (form, _) in DIFFERENT.items())
    # of those in a section that names a form, 253 of 268 agree
    assert sum(poem.section != "樂府" for poem in ANTHOLOGY) == 268
    assert sum(poems[name].section != "樂府" for name in DIFFERENT) == 268 - 253


@pytest.mark.parametrize(
    ("text", "form", "term", "rhyme", "reason"),
    [
        (
            "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。",
            *("五古", "五言古絕", "篠", "the rhyme is oblique"),
        ),
        (
            "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。",
            *("五古", "五言古絕", "陽", r"as 五絕 it would break 3 rules \(拗 失對 失粘\)"),
        ),
        (
            "慈母手中線，遊子身上衣。臨行密密縫，意恐遲遲歸。誰言寸草心，報得三春暉。",
            *("五古", "五言古詩", "微", "6 lines of 5 characters are no regulated form"),
        ),
    ],
)
def test_old_style_is_told_with_the_reason(
    text: str, form: str, term: str, rhyme: str, reason: str
) -> None:
    report = check(text)
    assert (report.form, report.term, report.rhyme, report.pattern) == (form, term, rhyme, None)
    (told,) = [rule for rule in report.rules if rule.name == "體"]
    assert told.kept
    assert re.search(reason, told.message)


def test_old_style_rhymes_on_neighbouring_groups_or_on_several_in_turn() -> None:
    plum = check("君自故鄉來，應知故鄉事。來日綺窗前，寒梅著花未？")
    assert plum.passed and plum.rhyme is None
    assert "rhyme on 寘 and 未, which go together (通韻): 事 未" in str(plum)
    march = next(poem for poem in ANTHOLOGY if poem.title.endswith("古從軍行"))
    assert "the rhyme changes (換韻): 3 in turn" in str(check(march.text))


def test_two_faults_leave_a_quatrain_regulated_and_three_do_not() -> None:
    assert check("白日依山盡，黃河入海流。更上一層目，千里欲窮樓。").form == "五絕"
    assert check("三日入廚下，洗手作羹湯。未諳姑食性，先遣小姑嘗。").form == "五絕"
    assert check("三日入廚下，洗手作羹湯。未諳姑食性，先遣姑來嘗。").form == "五古"


def test_what_rhymes_nowhere_stays_broken() -> None:
    assert check("白日依山盡，黃河入海月。欲窮千里目，更上一層樓。").form == "五絕"
    prose = check("今天天氣很好，我們出去玩。你說什麼，我不知道啊，為什麼要這樣。")
    assert [rule.name for rule in prose.broken] == ["失韻"]
    assert "體" in faults(check("白日依山盡，黃河入海流。"))


def test_a_line_a_character_short_is_told_and_changes_no_form() -> None:
    report = check("白日依山盡，黃河入海流。欲窮千里，更上一層樓。")
    assert (report.form, faults(report)) == ("五絕", {"字數:3"})


def test_the_poems_of_the_anthology_are_the_same_in_simplified_script() -> None:
    opencc = pytest.importorskip("opencc", reason="OpenCC turns the poems into simplified script")
    convert = opencc.OpenCC("t2s").convert
    forms = [(poem, check(poem.text).form) for poem in ANTHOLOGY]
    assert [poem.title for poem, form in forms if check(convert(poem.text)).form != form] == []
