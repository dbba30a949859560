"""The page in Debian's Chromium: type, press, draw, and see what comes."""

import re
from pathlib import Path
from typing import Any

import pytest

import qibu
from qibu_demo.look import logic as look
from qibu_demo.page.bundled import the_poet
from qibu_demo.write.logic import Wish, compose

from .conftest import Server, opened

THREE = ((28, 24), (44, 13), (64, 17), (70, 32), (60, 46), (44, 49), (62, 52), (74, 66), (66, 82),
         (46, 88), (26, 78))  # fmt: skip


def poem(page: Any) -> str:
    """Wait for the finished poem; give its text."""
    page.wait_for_selector("#qb-report .qb-report")
    text: str = page.get_attribute("#qb-poem .qb-sheet", "data-text")
    return text.replace("\n", "")


def tab(page: Any, name: str, until: str) -> None:
    page.get_by_role("tab", name=name).click()
    page.wait_for_selector(until)


def test_a_poem_comes_character_by_character_and_then_its_report(page: Any) -> None:
    page.get_by_label("Opening").first.fill("明月")
    page.click("#qb-write")
    page.wait_for_selector("#qb-poem .qb-writing")
    assert poem(page) == compose(Wish(start="明月")).text
    assert page.get_attribute(".qb-report", "data-passed") == "true"


def test_stop_ends_a_poem_at_once(page: Any) -> None:
    page.get_by_label("Form").click()
    page.get_by_role("option", name="七古").click()
    page.get_by_label("Acrostic").fill("春" * 40)  # as many lines
    page.click("#qb-write")
    page.wait_for_selector("#qb-poem .qb-writing")
    page.click("#qb-stop")
    page.wait_for_selector("#qb-poem .qb-writing", state="detached")
    page.wait_for_timeout(300)  # what was on its way
    before = page.get_attribute("#qb-poem .qb-sheet", "data-text")
    page.wait_for_timeout(800)
    assert page.get_attribute("#qb-poem .qb-sheet", "data-text") == before
    assert 0 < len(before) < 40 * 8


def test_another_one_has_another_seed_and_same_again_the_same(page: Any) -> None:
    page.click("#qb-another")
    first = poem(page)
    seed = page.get_attribute("#qb-poem .qb-sheet", "data-seed")
    assert first == compose(Wish(seed=int(seed))).text
    page.click("#qb-again")
    page.wait_for_selector("#qb-poem .qb-writing")
    assert poem(page) == first


def test_a_link_opens_with_its_poem(page: Any, server: Server) -> None:
    wish = Wish(form="五絕", start="春", title="春望", seed=11)
    page.goto(f"{server.address}/?{wish.query()}", wait_until="domcontentloaded")
    assert poem(page) == compose(wish).text
    assert page.get_by_label("Title").input_value() == "春望"
    page.click("#qb-link")
    assert "seed=11" in page.url


def test_tones_and_direction_change_what_is_seen(page: Any) -> None:
    page.click("#qb-write")
    poem(page)
    style = "getComputedStyle(document.querySelector('#qb-poem .qb-poem')).writingMode"
    assert page.evaluate(style) == "vertical-rl"
    page.get_by_label("橫排").check()
    page.wait_for_function(f"{style} === 'horizontal-tb'")
    page.get_by_label("Show tones and rhymes").check()
    page.wait_for_selector(".qb-key", state="visible")
    assert page.locator(".qb-rhyme").count() >= 2


def test_html_in_a_field_is_shown_as_text(page: Any) -> None:
    page.evaluate("window.hurt = false")
    page.get_by_label("Opening").first.fill("<img src=x onerror='window.hurt=true'>")
    page.click("#qb-write")
    page.wait_for_selector(".toast-body, [data-testid=toast-body]")
    assert "doesn't know <" in page.inner_text(".toast-body, [data-testid=toast-body]")
    assert page.evaluate("window.hurt") is False
    assert page.locator("img[src=x]").count() == 0


def draw(page: Any, points: tuple[tuple[int, int], ...]) -> None:
    box = page.locator("#qb-pad canvas").bounding_box()
    spots = [(box["x"] + x * box["width"] / 100, box["y"] + y * box["height"] / 100)
             for x, y in points]  # fmt: skip
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=4)
    page.mouse.up()


def test_a_drawn_three_is_read_row_by_row_and_wins(page: Any) -> None:
    tab(page, "Read", "#qb-pad canvas")
    draw(page, THREE)
    page.wait_for_selector(".qb-reading")  # by itself, when the hand rests
    page.wait_for_selector('.qb-reading[data-row="28"]')
    panels = page.locator(".qb-panel")
    models = [name for name in qibu.bundled_models() if name.startswith("digits")]
    assert panels.count() == len(models)
    assert page.get_attribute('.qb-panel[data-model="digits"]', "data-digit") == "3"
    assert page.inner_text('.qb-panel[data-model="digits"] .qb-best b') == "3"
    assert "sure from row" in page.inner_text('.qb-panel[data-model="digits"] .qb-note')


def test_the_keyboard_draws_too(page: Any) -> None:
    tab(page, "Read", "#qb-pad canvas")
    page.focus("#qb-pad canvas")
    for key in (*["ArrowUp"] * 8, " ", *["ArrowDown"] * 18, " "):
        page.keyboard.press(key)
    page.wait_for_selector('.qb-reading[data-row="28"]')
    assert page.get_attribute('.qb-panel[data-model="digits"]', "data-digit") == "1"


def upload(page: Any, button: str, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.click(button)
    chooser.value.set_files(path)


def test_an_upload_that_is_no_picture_is_told_so(page: Any, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_bytes(b"<script>alert(1)</script>")
    tab(page, "Read", "#qb-pad canvas")
    upload(page, "#qb-upload-digit", tmp_path / "no.png")
    page.wait_for_selector(".toast-body, [data-testid=toast-body]")
    assert "not a picture" in page.inner_text(".toast-body, [data-testid=toast-body]")


def test_the_state_is_seen_stepped_rewound_forked_saved_and_loaded(
    page: Any, tmp_path: Path
) -> None:
    tab(page, "Look inside", "#qb-run")
    for steps in (1, 2):
        page.click("#qb-step")
        page.wait_for_selector(f'#qb-view [data-steps="{steps}"]')
    page.click("#qb-back")
    page.wait_for_selector('#qb-view [data-steps="1"]')
    page.click("#qb-run")
    page.wait_for_selector("#qb-view [data-steps]:not([data-steps='1'])")
    page.click("#qb-look-stop")
    assert page.locator("#qb-view .qb-heat").count() == 4  # h and c of two layers
    page.click("#qb-save")
    with page.expect_download() as download:
        page.click(".qb-download")
    download.value.save_as(tmp_path / "state.npz")
    kept = look.loaded((tmp_path / "state.npz").read_bytes(), the_poet())
    assert kept.batch == 1
    page.locator("#qb-position input").fill("1")
    page.get_by_label("What if it had been").fill("秋")
    page.click("#qb-fork-button")
    page.wait_for_selector(".qb-fork mark")
    assert page.inner_text(".qb-fork mark") == "秋"
    assert page.inner_text(".qb-was mark") == "春"
    upload(page, "#qb-load", tmp_path / "state.npz")
    page.get_by_text("a loaded state").wait_for()


def test_a_third_partys_model_is_inspected_without_being_run(page: Any, tmp_path: Path) -> None:
    tab(page, "Models", ".qb-table")
    assert page.locator(".qb-table tbody tr").count() == len(qibu.bundled_models())
    upload(page, "#qb-upload-model", qibu.bundled_models()["digits"])
    page.wait_for_selector(".qb-file")
    assert "h_in → h_out" in page.inner_text(".qb-file")
    (tmp_path / "bad.onnx").write_bytes(b"\x00" * 100)
    upload(page, "#qb-upload-model", tmp_path / "bad.onnx")
    page.wait_for_selector(".toast-body, [data-testid=toast-body]")
    assert "no ONNX" in page.inner_text(".toast-body, [data-testid=toast-body]")


def test_the_language_follows_the_switch(page: Any) -> None:
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("document.documentElement.lang === 'zh-CN'")
    page.wait_for_selector("#qb-write:has-text('寫')")
    assert page.get_by_role("tab", name="寫詩").count() == 1
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("#qb-write:has-text('Write')")


@pytest.mark.parametrize("context", [{"locale": "zh-TW"}], indirect=True)
def test_the_language_follows_the_browser(page: Any) -> None:
    page.wait_for_selector("#qb-write:has-text('寫')")
    assert page.get_by_label("開頭").count() >= 1


@pytest.mark.parametrize(
    "context",
    [{"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}],
    indirect=True,
)
def test_nothing_is_cut_off_on_a_phone(page: Any, server: Server) -> None:
    wish = Wish(form="七律", title="春望", author="杜甫")
    page.goto(f"{server.address}/?{wish.query()}", wait_until="domcontentloaded")
    poem(page)
    page.get_by_label("Show tones and rhymes").check()
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 390
    box = page.locator("#qb-poem").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390


@pytest.mark.parametrize("context", [{"color_scheme": "dark"}], indirect=True)
def test_the_dark_page_is_dark(page: Any) -> None:
    page.wait_for_function("document.body.classList.contains('dark')")
    page.click("#qb-write")
    poem(page)
    colours = page.evaluate(
        "[getComputedStyle(document.querySelector('#qb-poem')).backgroundColor,"
        " getComputedStyle(document.querySelector('.qb-line')).color]"
    )
    paper, ink = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert paper < 150 < 500 < ink


def test_every_field_has_a_name(page: Any) -> None:
    nameless = page.evaluate(
        """[...document.querySelectorAll('input:not([type=file]), textarea, select, canvas')]
            .filter((field) => field.offsetParent !== null)
            .filter((field) => !field.labels?.length && !field.getAttribute('aria-label')
                && !field.getAttribute('aria-labelledby') && !field.closest('label'))
            .map((field) => field.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


def test_a_poem_can_be_had_by_the_keyboard_alone(page: Any) -> None:
    page.get_by_label("Opening").first.focus()
    page.keyboard.type("春")
    page.keyboard.press("Enter")
    assert poem(page).startswith("春")


def test_nothing_is_asked_of_other_servers(context: Any, server: Server) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, server.address)
    own = (server.address, "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
