"""The page of any file in a browser: what it says, its trace, steps, rows and states."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from any_files import SENSORS, write_sensor, write_stranger, write_whole

import qibu
from qibu_export.command import main

pytest.importorskip("playwright", reason="playwright isn't installed")
from playwright.sync_api import Browser, BrowserContext, Page, expect

PATIENCE_MS = 60_000  # a machine that is busy with something else
WIDE, PHONE = (1100, 800), (390, 844)
READINGS = [[0.5, -1.0, 0.25], [0.1, 0.2, -0.3], [1.5, 0.0, -0.5]]
SAID = {
    "stranger": ["--set", "rate=2"],
    "mixed": ["--set", "rate=2"],
    "side": ["--example", "x=1,2,3"],
}
Open = Callable[..., Page]
STEP = "#row .primary[data-text=once]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("any")
    write_sensor(folder / "heating #1.onnx")  # a name that an address has to spell otherwise
    write_sensor(folder / "wrong.onnx", wrong=True)
    write_stranger(folder / "stranger.onnx")
    return folder


@pytest.fixture(scope="module")
def addresses(
    folder: Path, node_modules: Path, serve: Callable[[Path], str]
) -> Callable[[str], str]:
    """Export the page of a file once, and give its address."""
    runtime = str(node_modules / "onnxruntime-web" / "dist")
    found: dict[str, str] = {}

    def export(name: str) -> str:
        if name not in found:
            site = folder / f"site-{len(found)}"
            models = {"mixed": ["digits", str(folder / "stranger.onnx")]}
            sources = models.get(name, [str(folder / f"{name}.onnx")])
            given = SAID.get(name, [])
            assert main([*sources, "--web", str(site), "--from", runtime, *given]) == 0
            found[name] = serve(site)
        return found[name]

    return export


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def open_page(context: BrowserContext, addresses: Callable[[str], str]) -> Iterator[Open]:
    """Give what opens a file's page anew; nothing may be left uncaught on it."""
    pages: list[Page] = []
    complaints: list[str] = []

    def start(name: str, size: tuple[int, int] = WIDE, query: str = "") -> Page:
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(addresses(name) + query)
        page.wait_for_selector("#progress[data-kept=true]")
        return page

    yield start
    for page in pages:
        page.close()
    assert complaints == []


def fill(page: Page, reading: list[float]) -> None:
    for place, number in enumerate(reading):
        page.fill(f"[name='x[{place}]']", str(number))


def wait_for_steps(page: Page, steps: int) -> None:
    page.wait_for_function(f"document.querySelector('#charts').dataset.steps === '{steps}'")


def shown(page: Page) -> list[float]:
    """Give the numbers beside the lines."""
    return [float(text) for text in page.locator(".chart b").all_text_contents()]


def step_python(path: Path, readings: list[list[float]]) -> tuple[list[float], qibu.State]:
    stepper = qibu.Stepper(path)
    state = stepper.initial_state()
    for reading in readings:
        outputs, state = stepper.step({"x": [[reading]]}, state)
    return outputs["score"][0].tolist(), state


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_it_shows_what_the_file_says(open_page: Open, size: tuple[int, int]) -> None:
    page = open_page("heating #1", size)
    assert page.inner_text("#modelName") == "heating #1.onnx"
    assert "heating system" in page.inner_text("#modelSays")
    table = page.inner_text("#ports")
    for text in ("float32 [batch, time, 3] · °C", ", ".join(SENSORS), "if left out: 0.5", "104"):
        assert text in table
    assert "h_in → h_out" in table and "float32 [1, batch, 4]" in table
    assert page.locator("nav a:visible").all_inner_texts() == ["Step"]


def test_the_files_own_trace_passes_here_and_a_step_is_timed(open_page: Open) -> None:
    page = open_page("heating #1")
    assert page.get_attribute("#proof", "data-result") == "passed"
    assert "3 steps" in page.inner_text("#proof") and "limit 1e-05" in page.inner_text("#proof")
    assert "ms (median of " in page.inner_text("#pace")


def test_a_trace_that_is_not_met_is_told_with_its_difference(open_page: Open) -> None:
    page = open_page("wrong")
    assert page.get_attribute("#proof", "data-result") == "failed"
    assert "step 1, score is off by" in page.inner_text("#proof")


def test_steps_give_pythons_numbers_and_reset_begins_anew(open_page: Open, folder: Path) -> None:
    page = open_page("heating #1")
    for count in (1, 2, 3):
        fill(page, READINGS[count - 1])
        page.click(STEP)
        wait_for_steps(page, count)
        wanted, _ = step_python(folder / "heating #1.onnx", READINGS[:count])
        np.testing.assert_allclose(shown(page), wanted, atol=1e-4)  # in four digits
    page.click("#reset")
    expect(page.locator("#noSteps")).to_be_visible()
    page.click(STEP)
    wait_for_steps(page, 1)
    wanted, _ = step_python(folder / "heating #1.onnx", READINGS[2:])
    np.testing.assert_allclose(shown(page), wanted, atol=1e-4)


def test_rows_of_csv_are_steps(open_page: Open, folder: Path, tmp_path: Path) -> None:
    page = open_page("heating #1", PHONE)
    page.locator("summary", has_text="CSV").click()
    rows = [",".join(map(str, reading)) for reading in READINGS]
    page.fill("#csv", "\n".join([",".join(SENSORS), *rows]))
    page.click("#runRows")
    wait_for_steps(page, 3)
    wanted, _ = step_python(folder / "heating #1.onnx", READINGS)
    np.testing.assert_allclose(shown(page), wanted, atol=1e-4)
    file = tmp_path / "log.csv"
    file.write_text("\r\n".join(row.replace(",", ";") for row in rows), "utf-8")
    page.set_input_files("#csvFile", file)
    page.wait_for_function("document.querySelector('#csv').value.includes(';')")
    page.click("#runRows")
    wait_for_steps(page, 6)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,2,3\n4,five,6", "line 2: 'five' is no number"),
        ("1,2", "line 1 must have 3 values, as a step reads, got 2"),
        ("a,b,c", "there is no line of numbers"),
    ],
)
def test_rows_that_are_none_are_refused_by_their_line(
    open_page: Open, text: str, told: str
) -> None:
    page = open_page("heating #1")
    page.locator("summary", has_text="CSV").click()
    page.fill("#csv", text)
    page.click("#runRows")
    expect(page.locator("#stepTrouble")).to_have_text(told)
    assert page.get_attribute("#charts", "data-steps") == "0"


def test_a_saved_state_is_pythons_and_comes_back(
    open_page: Open, folder: Path, tmp_path: Path
) -> None:
    page = open_page("heating #1")
    for count in (1, 2):
        fill(page, READINGS[count - 1])
        page.click(STEP)
    wait_for_steps(page, 2)
    with page.expect_download() as download:
        page.click("#save")
    saved = tmp_path / download.value.suggested_filename
    assert saved.name == "heating #1.state"
    download.value.save_as(saved)
    wanted, theirs = step_python(folder / "heating #1.onnx", READINGS[:2])
    ours = qibu.State.from_bytes(saved.read_bytes())
    np.testing.assert_allclose(ours["h_in"], theirs["h_in"], atol=1e-6)
    archive = tmp_path / "theirs.npz"
    theirs.save(archive)
    wanted, _ = step_python(folder / "heating #1.onnx", READINGS)
    for file in (saved, archive):
        page.click("#reset")
        wait_for_steps(page, 0)
        page.set_input_files("#stateFile", file)
        fill(page, READINGS[2])
        page.click(STEP)
        wait_for_steps(page, 1)
        np.testing.assert_allclose(shown(page), wanted, atol=1e-4)


def test_another_models_state_is_refused(open_page: Open, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.state"
    stepper = qibu.Stepper(folder / "stranger.onnx")
    other.write_bytes(stepper.initial_state().to_bytes())
    page = open_page("heating #1")
    page.set_input_files("#stateFile", other)
    expect(page.locator("#stepTrouble")).to_contain_text("the state belongs to another model")
    other.write_bytes(b"PK?")
    page.set_input_files("#stateFile", other)
    expect(page.locator("#stepTrouble")).to_contain_text("not a saved state")


def test_a_fork_goes_its_own_way(open_page: Open) -> None:
    page = open_page("heating #1")
    fill(page, READINGS[0])
    page.click(STEP)
    wait_for_steps(page, 1)
    before = shown(page)
    page.click("#fork")
    page.wait_for_selector("#branches button")
    fill(page, READINGS[1])
    page.click(STEP)
    wait_for_steps(page, 2)
    assert shown(page) != before
    page.locator("#branches button", has_text="A").click()
    wait_for_steps(page, 1)
    assert shown(page) == before


def test_it_plays_until_it_is_stopped(open_page: Open) -> None:
    page = open_page("heating #1")
    page.click("#play")
    page.wait_for_function("Number(document.querySelector('#charts').dataset.steps) > 3")
    page.click("#play")
    expect(page.locator("#play")).to_have_text("Play")
    page.wait_for_timeout(300)
    steps = page.get_attribute("#charts", "data-steps")
    page.wait_for_timeout(500)
    assert page.get_attribute("#charts", "data-steps") == steps


def test_a_strangers_file_is_stepped_with_what_the_export_was_told(
    open_page: Open, folder: Path
) -> None:
    page = open_page("stranger", PHONE)
    assert page.get_attribute("#proof", "data-result") == "none"
    assert page.input_value("[name='rate[0]']") == "2"
    assert "float32 [batch, any, 40]" in page.inner_text("#ports")
    frame = [round(0.1 * n - 2, 1) for n in range(40)]
    page.fill("[aria-label=frame]", ", ".join(map(str, frame)))
    for count in (1, 2):
        page.click(STEP)
        wait_for_steps(page, count)
    assert shown(page)[0] == pytest.approx(-8) and shown(page)[-1] == pytest.approx(7.6)
    page.fill("[name='rate[0]']", "1.5")
    page.click(STEP)
    expect(page.locator("#stepTrouble")).to_have_text("input 'rate' must be int64, got 1.5")
    page.fill("[aria-label=frame]", "1, 2")
    page.click(STEP)
    expect(page.locator("#stepTrouble")).to_have_text("input 'frame' must have 40 values, got 2")


def test_weights_may_lie_beside_and_a_step_may_be_longer(open_page: Open, folder: Path) -> None:
    model = onnx.load(folder / "heating #1.onnx")
    onnx.save(
        model,
        folder / "side.onnx",
        save_as_external_data=True,
        location="side 1.bin",
        size_threshold=0,
    )
    page = open_page("side")
    assert page.get_attribute("#proof", "data-result") == "passed"
    for place, number in enumerate([*READINGS[0], *READINGS[1]]):
        page.fill(f"[name='x[{place}]']", str(number))
    page.click(STEP)
    wait_for_steps(page, 1)
    wanted, _ = step_python(folder / "heating #1.onnx", READINGS[:2])
    np.testing.assert_allclose(shown(page), wanted, atol=1e-4)


def test_a_file_that_reads_both_ways_says_so(open_page: Open, folder: Path) -> None:
    write_whole(folder / "whole.onnx")
    page = open_page("whole")
    assert "it can't be stepped" in page.inner_text("#pace")
    assert not page.locator("#stepping").is_visible()


def test_both_languages_are_whole(open_page: Open) -> None:
    page = open_page("heating #1", PHONE, "?lang=zh")
    assert page.inner_text("#proof").startswith("自检通过")
    assert "状态" in page.inner_text("#ports")
    words = page.locator("#step [data-text], nav a").all_text_contents()
    assert "undefined" not in words and "" not in words
    page.click("#language")
    assert page.inner_text("#proof").startswith("Own trace passed")
    assert "States" in page.inner_text("#ports")


@pytest.mark.parametrize("name", ["heating #1", "stranger"])
@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(open_page: Open, name: str, width: int) -> None:
    page = open_page(name, (width, 844))
    page.locator("summary", has_text="CSV").click()
    for count in (1, 2):
        page.click("#chance")
        page.click(STEP)
        wait_for_steps(page, count)
    wide = page.evaluate(
        "[...document.body.querySelectorAll('*')].filter("
        "e => e.getBoundingClientRect().right > innerWidth + 1 || e.scrollWidth > e.clientWidth + 1"
        " && getComputedStyle(e).display !== 'inline').map(e => e.outerHTML.slice(0, 80))"
    )
    assert wide == []


def test_kinds_live_side_by_side_and_need_no_network(
    open_page: Open, context: BrowserContext
) -> None:
    page = open_page("mixed")
    assert page.locator("nav a:visible").all_inner_texts() == ["Read", "Step"]
    assert page.locator("#read").is_visible()  # the first that is here
    context.set_offline(True)
    try:
        page.goto(page.url.split("#")[0] + "#step")
        page.reload()
        page.wait_for_selector("#progress[data-kept=true]")
        page.click(STEP)
        wait_for_steps(page, 1)
    finally:
        context.set_offline(False)
