"""The page with a model of somebody's own pictures: its labels, its sizes, its paper."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import own_pictures
import pytest
from own_pictures import PICTURES, write_own
from PIL import Image

import qibu
from qibu_demo.page import bundled
from qibu_demo.page.charts import MOST_BARS, reading
from qibu_demo.read.logic import Progress, ink_of, read_rows
from qibu_demo.read.programs import programs
from qibu_demo.read.tab import named
from visitor import served

from .conftest import PATIENCE_MS


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_own(tmp_path_factory.mktemp("own") / "shapes.onnx")


@pytest.fixture
def own(model: Path, monkeypatch: pytest.MonkeyPatch) -> qibu.Reader:
    """Have the page show the model."""
    reader: qibu.Reader = qibu.load(model)
    monkeypatch.setattr(bundled, "_own", {})
    bundled.show_only("shapes", reader)
    return reader


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(3).integers(0, 256, (34, 24, 3), np.uint8)
    Image.fromarray(pixels, "RGB").save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_an_own_model_takes_the_place_of_the_bundled_ones(own: qibu.Reader) -> None:
    assert bundled.readers() == ["shapes"]
    assert bundled.the_reader("shapes") is own
    assert bundled.the_reader("digits") is not own


def test_its_pictures_are_read_with_its_labels(own: qibu.Reader, picture: Path) -> None:
    ink = ink_of(picture.read_bytes(), own.pictures)
    assert ink.shape == (17, 12)
    *_, (row, (progress,)) = read_rows(ink, {"shapes": own})
    wanted = own.read(own.read_picture(picture))
    assert (row, progress.label, progress.index) == (17, wanted.label, wanted.index)
    shown = reading(ink, row, [progress], "en", own.pictures)
    assert "row 17 of 17" in shown and "shapes: 17 × 3" in shown
    assert "&lt;b&gt;bag&lt;/b&gt;" in shown and "<b>bag</b>" not in shown
    assert 'aria-label="a &quot;hat&quot;: ' in shown and "qb-words" in shown
    assert "--wide:12;--high:17" in shown and "--rows:17" in shown


def test_of_many_classes_the_likeliest_are_shown() -> None:
    labels = tuple(f"class {number}" for number in range(60))
    rows = np.linspace(0, 1, 60, dtype=np.float32)[None]
    progress = Progress("many", "gru", rows, True, labels)
    shown = reading(np.zeros((17, 12), np.float32), 1, [progress], "en", PICTURES)
    assert shown.count("<li") == MOST_BARS
    assert "class 59" in shown and "class 3" not in shown


def test_a_program_reads_with_it(own: qibu.Reader, picture: Path) -> None:
    ((read_picture, _),) = programs(own)
    *_, last = read_picture(b64encode(picture.read_bytes()).decode())
    assert last["row"] == 17
    assert list(last["probabilities"]) == list(PICTURES.labels)
    assert last["label"] == PICTURES.labels[last["index"]]
    assert last["label"] == max(last["probabilities"], key=last["probabilities"].__getitem__)


@pytest.fixture(scope="module")
def address(model: Path) -> Iterator[str]:
    with served("--model", str(model)) as (address, _):
        yield address


def test_the_page_opens_with_it_and_reads_what_is_uploaded(
    context: Any, address: str, model: Path, picture: Path
) -> None:
    page = context.new_page()
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_selector("#qb-pad canvas:visible")
    pad = page.locator("#qb-pad canvas")
    assert pad.evaluate("c => [c.width, c.height]") == [198, 280]
    corner = "c => [...c.getContext('2d').getImageData(0, 0, 1, 1).data]"
    page.wait_for_function(f"({corner})(document.querySelector('#qb-pad canvas'))[3] === 255")
    assert pad.evaluate(corner) == [0, 0, 0, 255]  # the pictures' background
    assert page.locator(".qb-sample").count() == 0
    page.set_input_files("#qb-upload-digit input[type=file], input[type=file]", picture)
    page.wait_for_selector('.qb-reading[data-row="17"]')
    reader = qibu.load(model)
    label = reader.read(reader.read_picture(picture)).label
    assert (page.text_content(".qb-answer") or "").startswith(label)


def test_of_many_classes_some_are_named() -> None:
    labels = [f"class {number}" for number in range(47)]
    assert named(labels)[0].endswith("class 5 and 41 more classes")
    assert named(labels)[1].endswith("等共 47 類")
    assert named(["hat", "bag"]) == ("hat and bag", "hat、bag")


def test_a_long_label_stays_within_a_phone(
    browser: Any, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "Ankle boot with a rather long description"
    labels = (long, f"{long} 2", f"{long} 3")
    monkeypatch.setattr(own_pictures, "PICTURES", replace(PICTURES, labels=labels))
    with served("--model", str(write_own(tmp_path / "boots.onnx"))) as (address, _):
        page = browser.new_page(locale="zh-CN", viewport={"width": 390, "height": 844})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address, wait_until="domcontentloaded")
        page.wait_for_selector("#qb-pad canvas:visible")
        page.set_input_files("#qb-upload-digit input[type=file], input[type=file]", picture)
        page.wait_for_selector('.qb-reading[data-row="17"]')
        for part in (".qb-answer", ".qb-panel .qb-picture", ".qb-sees", ".qb-best i"):
            box = page.locator(part).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390, part
        middle = page.locator(".qb-sees").bounding_box()
        assert abs(middle["x"] + middle["width"] / 2 - 195) < 10
        page.close()
