"""The page of any text in a browser: what Python writes, as it comes, and stopped."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from small_texts import write_model

import qibu
from qibu import Writer
from qibu_export.command import main

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import Browser, Page

PATIENCE_MS = 60_000  # a machine that is busy with something else
WRITTEN = "document.querySelector('#written').getAttribute('aria-busy') === 'false'"
OPENED = {"seed": "3", "start": "The old ", "length": "60"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    write_model(folder / "char.onnx", "lstm", "char", "int8")
    write_model(folder / "byte.onnx", "gru", "byte", "int8")
    return folder


@pytest.fixture(scope="module", params=["char", "byte"])
def unit(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def writer(folder: Path, unit: str) -> Writer:
    writer: Writer = qibu.load(folder / f"{unit}.onnx")
    return writer


@pytest.fixture(scope="module")
def complaints() -> list[str]:
    return []


@pytest.fixture(scope="module")
def page(
    browser: Browser,
    folder: Path,
    unit: str,
    node_modules: Path,
    serve: Callable[[Path], str],
    complaints: list[str],
) -> Iterator[Page]:
    site, runtime = folder / f"site-{unit}", node_modules / "onnxruntime-web" / "dist"
    model = str(folder / f"{unit}.onnx")
    assert main([model, "--web", str(site), "--from", str(runtime)]) == 0
    assert not (site / "models" / "verse.json").exists()
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{serve(site)}?{urlencode(OPENED)}")
    page.wait_for_selector("#progress[data-kept]")
    yield page
    context.close()


def write(page: Page, **request: str) -> str:
    page.evaluate("document.querySelector('#request').reset()")
    for name, value in request.items():
        page.locator(f"#request [name={name}]").fill(value)
    page.locator("#request .primary").first.click()
    page.wait_for_function(WRITTEN)
    return page.text_content("#written") or ""


def test_it_has_a_view_of_texts_and_none_of_poems(page: Page) -> None:
    shown = page.locator("nav a:visible").all_text_contents()
    assert shown == ["Text"] and page.locator("#text").is_visible()
    assert "same text everywhere" in (page.text_content("#about") or "")


def test_an_address_with_a_seed_shows_pythons_text(page: Page, writer: Writer) -> None:
    page.wait_for_function(WRITTEN)
    assert page.text_content("#written") == writer.write("The old ", seed=3, length=60).text


@pytest.mark.parametrize("seed", [1, 2**64 - 1])
def test_the_text_of_a_seed_is_pythons(page: Page, writer: Writer, seed: int) -> None:
    request = {"start": "A young ", "seed": str(seed), "length": "120", "temperature": "1.1"}
    sampling = qibu.Sampling(temperature=1.1)
    wanted = writer.write("A young ", seed=seed, length=120, sampling=sampling)
    assert write(page, **request) == wanted.text
    assert str(seed) in (page.text_content("#textCaption") or "")


def test_it_stops_before_what_is_given(page: Page, writer: Writer) -> None:
    assert write(page, seed="4", stop=r"\n") == writer.write(seed=4, stop="\n").text
    assert page.get_attribute("#written", "data-ended") == "stop"


def test_it_comes_bit_by_bit_and_stops_when_told(page: Page) -> None:
    page.evaluate("document.querySelector('#request').reset()")
    page.locator("#request [name=length]").fill("100000")
    page.locator("#request .primary").first.click()
    page.wait_for_function("document.querySelector('#written').textContent.length > 200")
    assert page.get_attribute("#written", "aria-busy") == "true"
    page.locator("#stopText").click()
    page.wait_for_function(WRITTEN)
    assert page.get_attribute("#written", "data-ended") == "stopped"
    assert 200 < len(page.text_content("#written") or "") < 100_000


def test_a_mistake_is_told_in_pythons_words(page: Page, unit: str) -> None:
    write(page, seed="9" * 20)
    assert page.text_content("#textTrouble") == f"seed must be 0..2**64-1, got {'9' * 20}"
    if unit == "char":
        write(page, start="龘")
        assert (page.text_content("#textTrouble") or "").startswith("the model doesn't know 龘")


def test_it_speaks_chinese_too(page: Page) -> None:
    page.locator("#language").click()
    assert page.locator("#request .primary").first.text_content() == "写"
    page.locator("#language").click()


def test_nothing_is_wider_than_a_narrow_window(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate(
        "[...document.body.querySelectorAll('*')].filter(e => "
        "e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    )
    page.set_viewport_size({"width": 1100, "height": 760})
    assert wide == []


def test_it_complained_of_nothing(page: Page, complaints: list[str]) -> None:
    assert complaints == []
