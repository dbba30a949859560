"""The checker against poems that everybody knows, and each rule by itself."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qibu
from qibu.core.errors import InputError
from qibu.verse.report import check
from qibu.verse.rules import Line, couplet_findings, read_tones

from .famous import FAULTY, OLD_STYLE, REGULATED, Famous, faults, name_of

STORK_TOWER = "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"
CHARACTERS = {"平": "東", "仄": "月", "中": "看"}


def broken(first: str, second: str = "") -> list[str]:
    return [finding.name for finding in couplet_findings(first, second) if not finding.kept]


def bent(first: str, second: str = "") -> list[str]:
    return [finding.name for finding in couplet_findings(first, second) if finding.kept]


@pytest.mark.parametrize("poem", REGULATED, ids=name_of)
def test_a_famous_regulated_poem_passes(poem: Famous) -> None:
    report = check(poem.text)
    assert report.broken == ()
    assert (report.form, report.rhyme) == (poem.form, *poem.facts)


def test_the_famous_poems_pass_in_simplified_script() -> None:
    opencc = pytest.importorskip("opencc", reason="OpenCC turns the poems into simplified script")
    convert = opencc.OpenCC("t2s").convert
    assert [poem.title for poem in REGULATED if not check(convert(poem.text)).passed] == []


@pytest.mark.parametrize("poem", FAULTY, ids=name_of)
def test_a_famous_regulated_poem_has_the_faults_that_tradition_names(poem: Famous) -> None:
    report = check(poem.text)
    assert report.form == poem.form
    assert set(poem.facts) <= faults(report)


def test_a_broken_rule_is_told_in_words_with_its_place() -> None:
    report = check("渭城朝雨浥輕塵客舍青青柳色新勸君更盡一杯酒西出陽關無故人")
    (rule,) = report.broken
    assert (rule.name, rule.line, rule.character) == ("失粘", 3, 2)
    assert "君 (line 3, character 2) must be oblique as 舍 (line 2, character 2) is" in rule.message


@pytest.mark.parametrize("form", ["五絕", "七絕", "五律", "七律"])
def test_the_pattern_is_named_by_the_first_line(form: str) -> None:
    patterns = {check(poem.text).pattern for poem in REGULATED if poem.form == form}
    assert {f"{start}起首句{end}" for start in "平仄" for end in ("入韻", "不入韻")} >= patterns
    assert check(STORK_TOWER).pattern == "仄起首句不入韻"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("仄仄平平仄", "平平仄仄平"),
        ("平平平仄仄", "仄仄仄平平"),
        ("仄仄仄平平", "平平仄仄平"),
        ("平平仄仄平", "仄仄仄平平"),
    ],
)
def test_the_tones_of_tradition_break_nothing(first: str, second: str) -> None:
    assert couplet_findings(first, second) == ()
    prefixes = {"平": "仄仄", "仄": "平平"}
    assert couplet_findings(prefixes[first[1]] + first, prefixes[second[1]] + second) == ()


def test_even_characters_alternate() -> None:
    assert broken("平平平平仄") == ["拗"]
    assert broken("平平平平仄仄仄") == ["拗"]


def test_a_level_character_standing_alone_breaks_the_rule() -> None:
    assert broken("", "仄平仄仄平") == ["孤平"]
    assert broken("", "平仄仄平仄仄平") == ["孤平"]


def test_a_lone_level_character_is_saved_in_its_own_line() -> None:
    assert (broken("", "仄平平仄平"), bent("", "仄平平仄平")) == ([], ["本句自救"])


def test_three_level_characters_at_the_end_break_the_rule_and_three_oblique_do_not() -> None:
    assert broken("", "仄仄平平平") == ["三平尾"]
    assert (broken("平平仄仄仄"), bent("平平仄仄仄")) == ([], ["三仄尾"])


def test_an_oblique_third_character_may_be_given_back_at_the_fourth() -> None:
    assert (broken("平平仄平仄"), bent("平平仄平仄")) == ([], ["本句自救"])
    assert broken("仄仄平平仄平仄") == []
    assert broken("平仄仄平仄平仄") == ["拗"]  # a line of seven wants 平 before it
    assert broken("", "平平仄平仄") == ["拗"]


@pytest.mark.parametrize("first", ["仄仄平仄仄", "仄仄仄仄仄", "平仄平仄仄"])
def test_an_oblique_fourth_character_is_saved_by_the_line_that_answers(first: str) -> None:
    assert broken(first, "平平平仄平") == broken(first, "仄平平仄平") == []
    assert broken(first, "平平仄仄平") == ["拗"]


def test_an_oblique_third_character_needs_no_saving() -> None:
    assert broken("仄仄仄平仄", "平平仄仄平") == []
    assert bent("仄仄仄平仄", "平平平仄平") == ["對句相救"]


def test_the_lines_of_a_couplet_oppose() -> None:
    assert broken("平平平仄仄", "平平仄仄平") == ["失對"]


def test_couplets_start_like_the_line_before_them() -> None:
    report = check("白日依山盡，黃河入海流。更上一層目，欲窮千里樓。")
    assert [(rule.name, rule.line, rule.character) for rule in report.broken] == [("失粘", 3, 2)]


mark = st.sampled_from("平仄平仄中")
couplets = st.lists(st.lists(mark, min_size=5, max_size=5), min_size=2, max_size=4)


@settings(max_examples=50, deadline=None)
@given(couplets.filter(lambda lines: sum(line.count("中") for line in lines) <= 7))
def test_no_reading_breaks_fewer_rules_than_the_one_chosen(marks: list[list[str]]) -> None:
    def count(lines: Sequence[Sequence[str]]) -> int:
        characters = [Line.read("".join(CHARACTERS[tone] for tone in line)) for line in lines]
        ends = ["平仄" if line[-1] == "中" else line[-1] for line in lines]
        return sum(not rule.kept for rule in read_tones(characters, 5, ends).rules)

    choices = ["平仄" if tone == "中" else tone for line in marks for tone in line]
    readings = ("".join(tones) for tones in product(*choices))
    fixed = ([tones[i : i + 5] for i in range(0, len(tones), 5)] for tones in readings)
    assert count(marks) == min(map(count, fixed))


def test_the_first_line_may_borrow_a_rhyme_from_a_group_beside() -> None:
    report = check("清明時節雨紛紛，路上行人欲斷魂。借問酒家何處有，牧童遙指杏花村。")
    (borrowed,) = [rule for rule in report.rules if rule.name == "鄰韻"]
    assert borrowed.kept
    assert "紛 is of 文, beside 元" in borrowed.message
    assert report.pattern == "平起首句入韻"


def test_no_other_line_may_borrow() -> None:
    report = check("清明時節雨紛紛，路上行人欲斷魂。借問酒家何處有，牧童遙指杏花春。")
    assert [(rule.name, rule.line) for rule in report.broken] == [("出韻", 4)]


def test_a_level_first_line_that_does_not_rhyme_is_broken() -> None:
    report = check("白日依山東，黃河入海流。欲窮千里目，更上一層樓。")
    assert ("句腳", 1, 5) in [(rule.name, rule.line, rule.character) for rule in report.broken]


def test_a_character_of_two_tones_rhymes_by_its_level_reading_only() -> None:
    # 看 is level in 寒, oblique in 翰: here the poem rhymes on 尤
    report = check("白日依山盡，黃河入海流。欲窮千里目，更上一層看。")
    assert [(rule.name, rule.line) for rule in report.broken] == [("出韻", 4)]


def test_a_rhyme_word_stands_once() -> None:
    report = check("白日依山盡，黃河入海流。欲窮千里目，更上一層流。")
    assert [(rule.name, rule.line) for rule in report.broken] == [("重韻", 4)]


def test_a_rhyme_word_and_its_variant_are_the_same() -> None:
    lines = ["白日依山盡", "黃河入翠峯", "欲窮千里目", "更上一孤峰"]
    (broken,) = [rule for rule in check(lines).broken if rule.name == "重韻"]
    assert (broken.line, broken.message) == (
        4,
        "峰 rhymes line 4, but line 2 has it as 峯 already",
    )


def test_a_rare_reading_is_told_and_breaks_nothing() -> None:
    report = check("白日依山盡，黃河入遠天。欲窮千里目，更上一樓還。")
    (rare,) = [rule for rule in report.rules if rule.name == "罕讀"]
    assert rare.kept and rare.line == 4
    assert rare.message == "a rare reading: poets hardly rhymed 還 on 先, but on 刪"
    assert report.passed


def test_a_line_that_stands_twice_is_broken_and_a_character_only_noted() -> None:
    twice = check("白日依山盡，黃河入海流。白日依山盡，黃河入海流。")
    assert ("重句", 3) in [(rule.name, rule.line) for rule in twice.broken]
    zither = next(poem for poem in REGULATED if poem.title == "錦瑟")
    (repeated,) = [rule for rule in check(zither.text).rules if rule.name == "重字"]
    assert repeated.kept
    assert "絃 2 times" in repeated.message


def test_an_unknown_character_fits_either_way() -> None:
    report = check("白𪚥依山盡，黃河入海流。欲窮千里目，更上一層樓。")
    assert report.passed
    assert report.tones[0][1] == "？"
    assert check("白日依山盡，黃河入海流。欲窮千里目，更上一層𪚥。").passed


@pytest.mark.parametrize(
    "text",
    [
        "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
        "白日依山盡黃河入海流欲窮千里目更上一層樓",
        "白日依山盡 黃河入海流\n欲窮千里目 更上一層樓\n",
        "白日依山盡黃河入海流\r\n欲窮千里目更上一層樓",
        "白日依山盡,黃河入海流.欲窮千里目,更上一層樓.",
        "白日依山盡､黃河入海流｡「欲窮千里目；更上一層樓！」",
        "《登鸛雀樓》\n白日依山盡，黃河入海流。欲窮千里目，更上一層樓。",
        "《登鸛雀樓》 王之渙\n\n白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。",
        "《登鸛雀樓》王之渙：白日依山盡，黃河入海流。欲窮千里目，更上一層樓。",
        "王之渙《登鸛雀樓》白日依山盡，黃河入海流。欲窮千里目，更上一層樓。",
        "《登鸛雀樓》[唐] 王之渙\n白日依山盡\n黃河入海流\n欲窮千里目\n更上一層樓",
        "《登鸛雀樓》白日依山盡，黃河入海流。欲窮千里目，更上一層樓。",
        "登鸛雀樓\n（唐）王之渙\n白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。",
        "登鸛雀樓 王之渙\n白日依山盡\n黃河入海流\n欲窮千里目\n更上一層樓",
        "\ufeff白日依山盡，黃河（一作水）入海流。欲窮千里目，更上一層樓。",
    ],
)
def test_a_poem_is_read_however_it_is_pasted(text: str) -> None:
    report = check(text)
    assert report.passed
    assert [line[-1] for line in report.lines] in (list("盡流目樓"), list("尽流目楼"))


def test_a_short_first_line_after_a_title_stays() -> None:
    assert check("《關雎》\n關關雎鳩\n在河之洲\n窈窕淑女\n君子好逑").lines[0] == "關關雎鳩"


def test_lines_are_judged_like_their_text() -> None:
    assert check(["白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"]) == check(STORK_TOWER)


def test_a_form_that_is_asked_for_is_judged() -> None:
    report = check(STORK_TOWER, form="七絕")
    assert report.form == "七絕"
    assert [(rule.name, rule.line) for rule in report.broken] == [
        ("字數", line) for line in (1, 2, 3, 4)
    ]
    assert [rule.name for rule in check(STORK_TOWER, form="五律").broken] == ["句數"]


def test_a_free_form_that_is_asked_for_has_free_tones() -> None:
    wanderer = next(poem for poem in OLD_STYLE if poem.title == "遊子吟")
    report = check(wanderer.text, form="五古")
    assert report.passed
    assert (report.pattern, report.rhyme) == (None, "微")
    assert check("床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。", form="五古").passed


def test_a_name_leaves_open_what_the_form_leaves_open() -> None:
    (long,) = [poem for poem in REGULATED if poem.form == "五排"]
    assert check(long.text[:-12], form="五排").passed  # ten lines
    tower = next(poem for poem in OLD_STYLE if poem.title == "登幽州臺歌")
    assert check(tower.text, form="古風").passed
    assert check(tower.text, form="古风").form == "古風"


def test_a_long_text_without_line_ends_is_cut_by_the_form_asked_for() -> None:
    text = "".join(check(STORK_TOWER).lines) * 7  # 140 characters: 28 lines of 5 or 20 of 7
    with pytest.raises(InputError, match="140 characters without line ends fit 五排 and 七排"):
        check(text)
    assert len(check(text, form="五排").lines) == 28


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the poem is empty"),
        ("，。", "the poem is empty"),
        ("The sun sets", "'T' .* is not a Chinese character"),
        ("白日依山🌙，黃河入海流。", r"'🌙' \(line 1, character 5\) is not a Chinese character"),
        ("白日依山□，黃河入海流。", "'□'"),
        ("白日依山盡黃河入海流欲", "11 characters without line ends fit no regulated form"),
    ],
)
def test_what_is_no_poem_is_an_error(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(text)


def test_an_unknown_form_is_an_error() -> None:
    with pytest.raises(InputError, match="sonnet"):
        check(STORK_TOWER, form="sonnet")


def test_a_report_is_written_as_json() -> None:
    report = replace(check(STORK_TOWER), mean_log_probability=-4.5)
    document = json.loads(json.dumps(report.to_json(), ensure_ascii=False))
    assert document["passed"] is True
    assert document["tones"][0] == "仄仄平平仄"
    assert document["mean_log_probability"] == -4.5
    assert {"name", "kept", "message", "line", "character"} == set(document["rules"][0])


def test_a_report_says_what_the_poem_is_and_then_what_it_breaks() -> None:
    text = str(check(STORK_TOWER))
    assert text.startswith(
        "五絕  五言絕句, regulated  仄起首句不入韻  尤韻 (level)  every rule kept\n"
    )
    assert " 2  黃河入海流  平平仄仄平  韻\n" in text
    assert "✓ 粘: couplets start like the line before them" in text
    dawn = "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。"
    assert str(check(dawn)).startswith(
        "五古  五言古絕, old style  篠韻 (oblique)  every rule kept\n"
    )
    moonlight = str(check("床前明月光疑是地上霜舉頭望明月低頭思故鄉", "五絕"))
    assert "  3 rules broken: 拗 失對 失粘\n" in moonlight
    assert "✗ 拗: 上 (line 2, character 4)" in moonlight


def test_the_checker_is_in_the_public_face() -> None:
    assert qibu.check is check
    assert isinstance(qibu.check(STORK_TOWER), qibu.Report)
    assert isinstance(qibu.check(STORK_TOWER).rules[0], qibu.Rule)
