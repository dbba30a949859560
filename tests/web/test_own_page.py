"""The page with a model of somebody's own pictures: its labels, its sizes, opened pictures."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from own_pictures import PICTURES, write_own
from PIL import Image

import qibu
from qibu_export.command import main

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import Browser, Page

PATIENCE_MS = 120_000  # a machine that is busy with something else
READ = "document.querySelector('#digit').textContent !== ''"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_own(tmp_path_factory.mktemp("own") / "own pictures.onnx")


@pytest.fixture(scope="module")
def page(
    model: Path,
    node_modules: Path,
    serve: Callable[[Path], str],
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """Open the page that reads with the model alone."""
    site = tmp_path_factory.mktemp("web") / "site"
    runtime = node_modules / "onnxruntime-web" / "dist"
    assert main([str(model), "--web", str(site), "--from", str(runtime)]) == 0
    context = browser.new_context(reduced_motion="reduce", locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(serve(site))
    page.wait_for_selector("#progress[data-kept=true]")
    yield page
    assert complaints == []
    context.close()


def test_the_page_is_laid_out_for_the_model(page: Page) -> None:
    bars = page.locator("#bars li").evaluate_all("bars => bars.map(bar => bar.textContent)")
    assert bars == list(PICTURES.labels)
    assert page.locator("#bars li > *").count() == len(bars)  # no name became an element
    sides = "canvas => [canvas.width, canvas.height]"
    assert page.locator("#seen").evaluate(sides) == [12, 17]
    assert page.locator("#beliefs").evaluate(sides) == [3, 17]
    wide, high = page.locator("#drawing").evaluate(sides)
    assert high == 336 and wide == 336 * 12 // 17
    assert "open a picture" in (page.text_content("#drawSay") or "")


def test_a_picture_that_is_opened_is_read_as_python_reads_it(
    page: Page, model: Path, tmp_path: Path
) -> None:
    reader = qibu.load(model)
    random = np.random.default_rng(5)
    for number in range(3):
        path = tmp_path / f"{number}.png"
        colours = random.integers(0, 256, (17 * (number + 1), 12, 3), np.uint8)
        Image.fromarray(colours, "RGB").save(path)
        page.locator("#clear").click()
        page.set_input_files("#pictureFile", path)
        page.wait_for_function(READ)
        reading = reader.read(reader.read_picture(path))
        assert page.text_content("#digit") == reading.label
        shares = page.locator("#bars li").evaluate_all("bars => bars.map(bar => bar.title)")
        np.testing.assert_allclose(np.array(shares, float), reading.probabilities, atol=2e-3)


def test_what_is_no_picture_is_said_to_be_none(page: Page, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_text("not a picture", "utf-8")
    page.locator("#clear").click()
    page.set_input_files("#pictureFile", tmp_path / "no.png")
    page.wait_for_function("document.querySelector('#blank').textContent !== ''")
    assert "no.png: no picture" in (page.text_content("#blank") or "")


def test_what_is_drawn_is_light_on_the_model_s_black_paper(page: Page) -> None:
    page.locator("#clear").click()
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function(READ)
    alpha = page.locator("#seen").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 12, 17).data].filter((_, i) => i % 4 === 3)"
    )
    seen = np.array(alpha).reshape(17, 12)
    assert seen[8, 5:7].min() > 200 and seen[:, [0, -1]].max() == 0
