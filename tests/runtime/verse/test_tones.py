from collections import Counter
from pathlib import Path

import pytest

from qibu import InputError
from qibu.data.registry import cache_folder
from qibu.verse import tones
from qibu.verse.poem_corpus import read_poems
from qibu.verse.tones import (
    LEVEL_RHYMES,
    RHYMES,
    Tone,
    find_rhyme,
    rhymes_of,
    tone_of,
    unified,
)

BOTH = Tone.LEVEL | Tone.OBLIQUE


def entries(*sections: str) -> list[str]:
    found: dict[str, list[str]] = {}
    for line in Path(tones.__file__).with_name("pingshui.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line[1:-1]
        elif line and not line.startswith("#"):
            found.setdefault(name, []).extend(line.split())
    return [entry for section in sections for entry in found[section]]


def test_there_are_106_groups_and_the_30_level_ones_come_first() -> None:
    assert len(RHYMES) == len(list(RHYMES)) == 106
    assert tuple(RHYMES)[:30] == LEVEL_RHYMES
    counts = Counter(group.tone for group in RHYMES.values())
    assert counts == {"level": 30, "rising": 29, "departing": 30, "entering": 17}


def test_every_group_has_its_name_among_its_characters() -> None:
    for name, group in RHYMES.items():
        assert group.name == name
        assert name in group.characters
        assert len(group.characters) >= 9  # 講, the smallest


def test_groups_and_characters_say_the_same() -> None:
    for name, group in RHYMES.items():
        assert all(name in rhymes_of(character) for character in group.characters)


@pytest.mark.parametrize(
    ("characters", "tone"),
    [
        ("天山東風春人年明花愁先槎", Tone.LEVEL),
        ("月日白玉雪落國客一十石不", Tone.OBLIQUE),  # entering, level in today's Mandarin or not
        ("水雨酒鳥上下去夜夢地處舊", Tone.OBLIQUE),
        ("看過教望思聽應重中分為勝", BOTH),
    ],
)
def test_well_known_characters_have_their_tones(characters: str, tone: Tone) -> None:
    assert {character: tone_of(character) for character in characters} == dict.fromkeys(
        characters, tone
    )


@pytest.mark.parametrize(
    ("character", "names"),
    [
        ("同", ("東",)),
        ("農", ("冬",)),
        ("花", ("麻",)),
        ("看", ("寒", "翰")),
        ("重", ("冬", "腫", "宋")),
        ("先", ("先",)),
        ("月", ("月",)),
    ],
)
def test_well_known_characters_stand_in_their_groups(
    character: str, names: tuple[str, ...]
) -> None:
    assert rhymes_of(character) == names


@pytest.mark.parametrize(
    "pair",
    [
        "爲為",
        "裡裏",
        "峯峰",
        "牀床",
        "煙烟",
        "却卻",
        "衆眾",
        "羣群",
        "跡迹",
        "鷄雞",
        "劒劍",
        "疎疏",
        "廻回",
    ],
)
def test_a_variant_has_the_tone_of_its_standard_form(pair: str) -> None:
    assert tone_of(pair[0]) == tone_of(pair[1]) != Tone.UNKNOWN


@pytest.mark.parametrize(
    "pair", ["东東", "风風", "爱愛", "愁愁", "听聽", "机機", "宁寧", "坏壞", "无無", "极極"]
)
def test_a_simplified_character_has_the_groups_of_the_traditional_one(pair: str) -> None:
    assert rhymes_of(pair[0]) == rhymes_of(pair[1]) != ()


def test_a_simplified_character_that_stands_for_several_answers_for_all() -> None:
    assert tone_of("发") == tone_of("發") | tone_of("髮") == Tone.OBLIQUE
    assert set(rhymes_of("历")) == {*rhymes_of("歷"), *rhymes_of("曆")}
    assert tone_of("弥") == tone_of("彌") | tone_of("瀰")


def test_a_character_of_both_scripts_answers_for_itself_unless_the_text_is_simplified() -> None:
    assert rhymes_of("干") == ("寒",)
    assert set(rhymes_of("干", simplified=True)) == {*rhymes_of("乾"), *rhymes_of("幹"), "寒"}
    assert tone_of("几") == Tone.OBLIQUE
    assert tone_of("几", simplified=True) == tone_of("幾") == BOTH


def test_a_character_that_simplified_script_leaves_alone_answers_the_same_in_both() -> None:
    assert all(rhymes_of(c) == rhymes_of(c, simplified=True) for c in "人山月看不爲發")


@pytest.mark.parametrize("unknown", ["A", "。", "", "あ", "東風", "\U0001f600"])
def test_what_is_no_han_character_has_no_tone(unknown: str) -> None:
    assert tone_of(unknown) == Tone.UNKNOWN
    assert rhymes_of(unknown) == ()


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("東", "東"),
        ("同", "東"),
        ("东", "東"),
        ("阳", "陽"),
        ("看", "寒"),  # 寒 and 翰: the level one
        ("遇", "遇"),
        ("元", "元"),
        ("月", "月"),
        ("床", "陽"),
    ],
)
def test_a_rhyme_is_found_by_its_name_or_by_a_character_in_it(wish: str, name: str) -> None:
    assert find_rhyme(wish) == name


def test_every_group_is_found_by_its_name() -> None:
    assert [find_rhyme(name) for name in RHYMES] == list(RHYMES)


@pytest.mark.parametrize("wish", ["", "x", "一東", "☃"])
def test_no_such_rhyme_is_an_error_that_lists_the_level_groups(wish: str) -> None:
    with pytest.raises(InputError) as caught:
        find_rhyme(wish)
    assert repr(wish) in str(caught.value)
    assert " ".join(LEVEL_RHYMES) in str(caught.value)


def test_the_data_file_says_nothing_twice() -> None:
    groups = entries("level", "rising", "departing", "entering")
    assert all(len(set(group)) == len(group) for group in groups)
    own = set("".join(groups))
    variants = [variant for entry in entries("variants") for variant in entry[1:]]
    assert len(set(variants)) == len(variants)
    assert not own & set(variants)
    standards = [entry[0] for entry in entries("variants")]
    assert len(set(standards)) == len(standards)
    simplified = entries("simplified")
    assert len({entry[0] for entry in simplified}) == len(simplified)


def test_simplified_characters_stand_for_known_ones_that_add_a_group() -> None:
    for entry in entries("simplified"):
        own = set() if tone_of(entry[0]) == Tone.UNKNOWN else set(rhymes_of(entry[0]))
        assert all(rhymes_of(character) for character in entry[1:])
        assert own <= set(rhymes_of(entry[0], simplified=True))


def test_the_tang_poems_have_tones() -> None:
    folder = cache_folder() / "poems"
    if not folder.is_dir():
        pytest.skip("the poems aren't there: `qibu fetch poems` gets them")
    counts = Counter("".join(poem.text for poem in read_poems(folder)))
    counts = Counter({c: n for c, n in counts.items() if "\u3400" <= c <= "\u9fff"})
    known = sum(count for character, count in counts.items() if tone_of(character))
    assert known / counts.total() >= 0.9995


@pytest.mark.parametrize(
    "reading", ["還先", "居支", "平先", "台支", "烟真", "逢江", "浮虞", "零先", "般刪", "还先"]
)
def test_a_reading_that_poets_hardly_rhymed_is_rare(reading: str) -> None:
    character, rare = tuple(reading)
    assert rare in rhymes_of(character)
    used = rhymes_of(character, rare=False)
    assert used and rare not in used
    assert find_rhyme(character) in used


def test_no_character_has_rare_readings_alone() -> None:
    for entry in entries("rare"):
        assert any(name in LEVEL_RHYMES for name in rhymes_of(entry[0], rare=False))


@pytest.mark.parametrize("lot", ["回迴", "峰峯", "台臺", "游遊", "烟煙", "閒閑", "溪谿", "發髮"])
def test_what_some_script_writes_alike_is_one(lot: str) -> None:
    assert len({unified(character) for character in lot}) == 1


def test_what_no_script_writes_alike_is_not_one() -> None:
    assert len({unified(character) for character in "春風花月東西"}) == 6
