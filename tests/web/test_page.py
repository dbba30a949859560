"""The page in a browser: it writes Python's poems, reads drawn digits, and needs no network."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal
from urllib.parse import urlencode

import pytest

from qibu import Poet
from qibu_export.targets.web import web_sources

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE_MS = 120_000  # a machine that is busy with something else
WRITTEN = "document.querySelector('#poem').getAttribute('aria-busy') === 'false'"


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(reduced_motion="reduce", locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture(scope="module")
def complaints() -> list[str]:
    """Collect the errors that nothing on the page has caught."""
    return []


@pytest.fixture(scope="module")
def page(context: BrowserContext, address: str, complaints: list[str]) -> Page:
    """Open the page once and let it keep its files."""
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}?{urlencode({'seed': 3, 'form': '七絕'})}")
    page.wait_for_selector("#progress[data-kept=true]")
    return page


def write(page: Page, **wishes: str) -> str:
    page.evaluate("document.querySelector('#wishes').reset()")
    page.evaluate("document.querySelector('details').open = true")
    for name, value in wishes.items():
        field = page.locator(f"#wishes [name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("#wishes .primary").click()
    page.wait_for_function(WRITTEN)
    return page.get_attribute("#poem", "data-text") or ""


def draw(page: Page, *points: tuple[float, float]) -> str:
    """Draw lines through points, shares of the canvas, and give the digit that is read."""
    page.locator("#clear").click()
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=10)
    page.mouse.up()
    page.wait_for_function("document.querySelector('#digit').textContent !== ''")
    return page.text_content("#digit") or ""


def test_an_address_with_a_seed_shows_pythons_poem(page: Page, poet: Poet) -> None:
    page.wait_for_function(WRITTEN)
    poem = poet.compose("七絕", seed=3)
    assert page.get_attribute("#poem", "data-text") == poem.text
    shown = page.locator("#poem p").evaluate_all(
        "lines => lines.map(p => [...p.childNodes].map(n => n.firstChild.data).join(''))"
    )
    assert "".join(shown) == poem.text
    assert poem.report.passed


@pytest.mark.parametrize(
    "wishes",
    [
        {"form": "五律", "seed": "21"},
        {"form": "七絕", "seed": "22", "acrostic": "春江花月", "rhyme": "真"},
        {"form": "七律", "seed": "18446744073709551615", "pattern": "仄起首句入韻"},
        {"form": "五絕", "seed": "24", "title": "山居", "author": "王維", "script": "traditional"},
    ],
)
def test_the_poem_of_a_seed_and_its_wishes_is_pythons_with_all_rules_kept(
    page: Page, poet: Poet, wishes: dict[str, str]
) -> None:
    poem = poet.compose(**{**wishes, "seed": int(wishes["seed"])})  # type: ignore[arg-type]
    assert write(page, **wishes) == poem.text
    assert poem.report.passed
    headings = page.locator("#poem .heading").all_text_contents()
    assert headings == ([poem.heading] if poem.heading else [])
    caption = page.text_content("#caption") or ""
    assert wishes["seed"] in caption


def test_a_wish_that_cannot_be_had_is_told_in_pythons_words(page: Page) -> None:
    write(page, form="七絕", acrostic="春江")
    assert page.text_content("#trouble") == (
        "acrostic has 2 characters, 七絕 has 4 lines; give one for each line"
    )


def test_drawn_digits_are_read(page: Page) -> None:
    page.locator("nav a[href='#read']").click()
    assert draw(page, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85)) == "7"
    assert draw(page, (0.52, 0.15), (0.48, 0.85)) == "1"
    page.locator("nav a[href='#write']").click()


def test_its_language_can_be_changed(page: Page) -> None:
    assert page.locator("#wishes .primary").text_content() == "Write"
    page.locator("#language").click()
    assert page.locator("#wishes .primary").text_content() == "写"
    page.locator("#language").click()


@pytest.mark.parametrize("view", ["write", "read"])
def test_nothing_is_wider_than_a_narrow_window(page: Page, view: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.locator(f"nav a[href='#{view}']").click()
    wide = page.evaluate(
        "[...document.body.querySelectorAll('*')].filter(e => !e.closest('#poem div') && "
        "e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    )
    page.set_viewport_size({"width": 1100, "height": 760})
    assert wide == []


def test_it_is_dark_where_the_system_is(page: Page) -> None:
    found = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        colour = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
        found.append(sum(page.evaluate(colour)))
    page.emulate_media(color_scheme="light")
    assert found[0] > 600 and found[1] < 150


def test_it_works_without_a_network_once_it_was_open(
    page: Page, context: BrowserContext, poet: Poet
) -> None:
    context.set_offline(True)
    try:
        page.goto(page.url.split("?")[0] + "?seed=8#write")
        page.wait_for_selector("#progress[data-kept=true]")
        page.wait_for_function(WRITTEN)
        assert page.get_attribute("#poem", "data-text") == poet.compose(seed=8).text
        page.locator("nav a[href='#read']").click()
        assert draw(page, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85)) == "7"
    finally:
        context.set_offline(False)


@contextmanager
def served(site: Path, asked: list[str], delay_seconds: float) -> Iterator[str]:
    """Serve a folder, every file after a while, and note what was asked for."""

    class Slow(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            time.sleep(delay_seconds)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Slow, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_model_comes_once_though_the_line_is_slow(browser: Browser, site: Path) -> None:
    asked: list[str] = []
    with served(site, asked, delay_seconds=0.1) as address:
        context = browser.new_context()
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("#progress[data-kept=true]")
        context.close()
    models = [path for path in asked if "/models/" in path or "/ort/" in path]
    assert len(models) == len(set(models)) > 2


def test_it_complained_of_nothing(page: Page, complaints: list[str]) -> None:
    assert complaints == []


def test_it_asks_for_its_own_files_only() -> None:
    page, module = web_sources()
    for path in [*page.rglob("*.*"), *module.rglob("*.js")]:
        for line in path.read_text("utf-8").splitlines():
            address = "http" in line and "://" in line
            assert not address or "www.w3.org" in line or "doi.org" in line, f"{path.name}: {line}"
