import asyncio
from typing import Any
from urllib.parse import parse_qsl

import pytest

from qibu.core.errors import InputError
from qibu.verse.report import check
from qibu_demo.page.server import language_of
from qibu_demo.page.texts import WORDS, say, translations
from qibu_demo.write import tab as write_tab
from qibu_demo.write.logic import Wish, compose, stream, wish_of
from qibu_demo.write.sheet import rules, sheet


def test_a_stream_and_a_composition_are_the_same_poem() -> None:
    wish = Wish(form="五絕", start="春", seed=3)
    assert "".join(stream(wish)) == compose(wish).text


def test_the_best_of_several_is_given() -> None:
    assert "".join(stream(Wish(best_of=3))) == compose(Wish(best_of=3)).text


def test_a_link_gives_the_same_wish_back() -> None:
    wish = Wish("五律", "", "", "東", "春望", "杜甫", 0.7, 0.8, 2**40, "simplified", 2)
    assert wish_of(dict(parse_qsl(wish.query()))) == wish


@pytest.mark.parametrize(
    "query",
    [
        {"seed": "x"},
        {"form": "<b>"},
        {"author": "nobody"},
        {"temperature": "nan"},
        {"best_of": "99"},
    ],
)
def test_a_broken_link_opens_the_page_as_usual(query: dict[str, str]) -> None:
    assert wish_of(query) == Wish()


@pytest.mark.parametrize(
    "wish",
    [
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"top_p": 1.5},
        {"top_p": None},
        {"seed": -1},
        {"seed": 1.5},
        {"seed": 2**60},
        {"seed": "7"},
        {"best_of": 17},
        {"best_of": True},
        {"start": "春" * 10_000},
        {"start": ["春"]},
        {"script": "latin"},
    ],
    ids=repr,
)
def test_a_wish_out_of_range_is_refused_by_name(wish: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wish))):
        Wish(**wish)


def test_a_sheet_shows_html_as_text() -> None:
    wish = Wish(title="<script>alert(1)</script>", author='"><img src=x>')
    shown = sheet("春風<b>，", wish, None, "en")
    assert "<script" not in shown and "<img" not in shown and "<b>" not in shown


def test_a_sheet_in_an_author_s_manner_is_no_forgery() -> None:
    shown = sheet("春風", Wish(author="劉禹錫", script="simplified"), None, "en")
    assert shown.count("拟刘禹锡 七步") == 2  # on the sheet, and in what is copied


def test_a_finished_sheet_has_tones_and_rhymes() -> None:
    wish = Wish(form="五絕")
    poem = compose(wish)
    shown = sheet(poem.text, wish, poem.report, "en")
    assert shown.count("qb-rhyme") >= 2 and "qb-writing" not in shown
    assert shown.count('<span class="qb-c') == 20


def test_a_report_names_what_is_broken_first() -> None:
    report = check("床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。", "五絕")
    shown = rules(report, "zh")
    assert 'data-passed="false"' in shown
    assert shown.index("qb-broken") < shown.index("qb-kept")


def test_the_page_is_written_a_character_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_tab, "PACE_SECONDS", 0)

    async def shown() -> list[tuple[str, str]]:
        return [both async for both in write_tab.write_slowly(Wish(form="五絕"), "en")]

    steps = asyncio.run(shown())
    assert len(steps) == 24 + 1  # with punctuation, and the report
    assert steps[0][1] == "" and "qb-report" in steps[-1][1]


def test_every_word_is_there_in_both_languages() -> None:
    assert all(english and chinese for english, chinese in WORDS.values())
    assert translations()["zh-TW"]["write"] == say("write", "zh") == "寫"


@pytest.mark.parametrize(
    "cookies, accepted, language",
    [
        ({}, "zh-TW,zh;q=0.9,en;q=0.5", "zh"),
        ({}, "fr;q=0.9,en;q=0.5", "en"),
        ({}, "", "en"),
        ({"qibu_language": "en"}, "zh", "en"),
        ({"qibu_language": "<script>"}, "zh", "zh"),
    ],
)
def test_the_language_is_as_switched_or_as_the_browser_says(
    cookies: dict[str, str], accepted: str, language: str
) -> None:
    assert language_of(cookies, accepted) == language
