"""What a page for one model says of it: its title, its head, its functions."""

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from any_files import write_sensor, write_stranger
from own_pictures import write_own
from small_texts import write_model

import qibu
from qibu.core.model_file import KEY, ModelSpec
from qibu_demo.page.heading import heading
from qibu_demo.page.origin import origin
from qibu_demo.page.texts import WORDS
from visitor import served

from .conftest import PATIENCE_MS

FOREIGN = re.compile(
    r"\btang\b|poe[mt]\b|poems|handwrit|\bdigits?\b|mnist|28 ?[x×] ?28|0 to 9|唐|詩|手寫|數字",
    re.IGNORECASE,
)
WRITERS = {
    "text.onnx": lambda path: write_model(path, "gru", "char"),
    "bytes.onnx": lambda path: write_model(path, "gru", "byte", "int8"),
    "shapes.onnx": write_own,
    "whole.onnx": lambda path: write_own(path, "bilstm"),
    "sensor.onnx": write_sensor,
    "stranger.onnx": write_stranger,
}
DOES = {
    "text.onnx": ("Writes text like", "寫出與其訓練文字相似"),
    "bytes.onnx": ("one byte at a time", "一步一字節"),
    "shapes.onnx": ("Tells 鞋 shoe, &lt;b&gt;bag&lt;/b&gt; and", "分辨 鞋 shoe、"),
    "whole.onnx": ("both ways, as a whole", "雙向讀圖"),
    "sensor.onnx": ("reads boiler, pump and outdoor", "每步讀 boiler、pump、outdoor"),
    "stranger.onnx": ("frame[0] … frame[39] and rate", "無其他自述"),
}


# what gradio makes of a page, by a process of its own: laying one out leaves an event loop open
LAY_OUT = """
import json, sys
from qibu_demo.page.app import build_app
pages = {}
for path in sys.argv[1:]:
    app = build_app(path)
    pages[path] = {"title": app.title, "config": app.get_config_file(), "api": app.get_api_info()}
print(json.dumps(pages, default=str))
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("own")
    return {name: write(folder / name) for name, write in WRITERS.items()}


@pytest.fixture(scope="module")
def pages(models: dict[str, Path]) -> dict[str, Any]:
    command = [sys.executable, "-c", LAY_OUT, *map(str, models.values()), "poem-gru"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return {Path(path).name: page for path, page in json.loads(done.stdout).items()}


def said_on(page: dict[str, Any]) -> str:
    """Give all that a page shows and tells to programs."""
    said = list[str]()
    for one in page["config"]["components"]:
        for name in ("label", "info", "value", "placeholder"):
            text = one["props"].get(name)
            if isinstance(text, str):
                key = re.search(r'__i18n__.*"key": "(\w+)"', text)
                said += WORDS[key[1]] if key else [text]
    assert len(said) > 8
    return "\n".join([*said, json.dumps(page["api"], ensure_ascii=False)])


@pytest.mark.parametrize("name", WRITERS)
def test_the_head_is_about_the_model(pages: dict[str, Any], name: str) -> None:
    assert pages[name]["title"] == f"{name} · 七步 Qibu"
    (head,) = (
        one["props"]["value"]
        for one in pages[name]["config"]["components"]
        if one["props"].get("elem_id") == "qb-header"
    )
    assert f'<h1 class="qb-own">{name} ' in head
    assert all(text in head for text in DOES[name])


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_on_the_page_is_of_other_models(pages: dict[str, Any], name: str) -> None:
    said = re.sub(r"-?\d+\.\d+", "", said_on(pages[name]))  # rows to begin with
    assert [found[0] for found in FOREIGN.finditer(said)] == []


@pytest.mark.parametrize(
    "name, functions",
    [("text.onnx", {"/write"}), ("shapes.onnx", {"/read_picture"}), ("sensor.onnx", {"/step"})],
)
def test_the_functions_are_the_model_s(
    pages: dict[str, Any], name: str, functions: set[str]
) -> None:
    api = pages[name]["api"]
    assert set(api["named_endpoints"]) == functions
    for function in api["named_endpoints"].values():
        assert f"The model is {name}: " in function["description"]
        assert "Args:" not in function["description"]


def test_the_page_of_a_poem_model_is_of_poems(pages: dict[str, Any]) -> None:
    page = pages["poem-gru"]
    assert "Writes poems in the manner of the Tang" in said_on(page)
    assert set(page["api"]["named_endpoints"]) == {"/write", "/compose", "/check_poem", "/what_if"}


def test_the_page_of_the_bundled_models_is_theirs() -> None:
    assert WORDS["subtitle"][0] in heading() and "qb-own" not in heading()


def test_a_name_that_is_html_is_shown_as_text() -> None:
    assert "<b>" not in heading("<b>.onnx", [("<b>", "<b>")])


def test_the_origin_says_what_the_file_does(models: dict[str, Path]) -> None:
    english, chinese = origin(qibu.Stepper(models["bytes.onnx"]))
    for part in ("GRU 1 × 48", "int8", "trained on made up", "bits per character 2.000 on test"):
        assert part in english
    assert "訓練於 made up" in chinese and "測試集每字比特數 2.000" in chinese
    assert "trained" not in origin(qibu.Stepper(models["sensor.onnx"]))[0]


@pytest.mark.parametrize("record", [{"data": "a text"}, {"data": {"names": "a text"}}, {"data": 1}])
def test_a_strange_record_of_training_is_passed_over(
    models: dict[str, Path], tmp_path: Path, record: dict[str, Any]
) -> None:
    model = onnx.load(models["sensor.onnx"])
    (document,) = (p.value for p in model.metadata_props if p.key == KEY)
    spec = replace(ModelSpec.from_json(document), task="other", part={"cell": 3}, training=record)
    onnx.helper.set_model_props(model, {KEY: spec.to_json()})
    onnx.save(model, tmp_path / "strange.onnx")
    assert origin(qibu.Stepper(tmp_path / "strange.onnx"))[0] == "104 weights · 0.01 MB"


def test_an_mcp_client_is_told_of_the_model(models: dict[str, Path]) -> None:
    pytest.importorskip("mcp")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def tools_of(address: str) -> tuple[dict[str, Any], str]:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            about = await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            rows = {"csv": "20,30,-5\n20,30,-6"}
            answer = await session.call_tool("step", rows)
            assert json.loads(str(answer.content[0].text).replace("'", '"'))["steps"] == 2
            return tools, about.serverInfo.name

    with served("--mcp", "--model", str(models["sensor.onnx"])) as (address, _):
        tools, server = asyncio.run(tools_of(address))
    assert list(tools) == ["step"] and server == "sensor.onnx · 七步 Qibu"
    assert "three sensors of a heating system" in tools["step"].description
    assert "boiler, pump, outdoor" in tools["step"].inputSchema["properties"]["csv"]["description"]


def test_a_visitor_sees_the_model_s_own_page(browser: Any, models: dict[str, Path]) -> None:
    with served("--model", str(models["text.onnx"])) as (address, _):
        page = browser.new_page(locale="zh-CN", viewport={"width": 390, "height": 844})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address, wait_until="domcontentloaded")
        page.wait_for_selector("#qb-write")
        assert page.title() == "text.onnx · 七步 Qibu"
        previews = page.locator('meta[property="og:title"]').evaluate_all(
            "all => all.map((one) => one.content)"
        )
        assert set(previews) == {page.title()}
        assert "text.onnx" in page.inner_text("h1")
        lines = page.locator(".qb-subtitle:visible").all_inner_texts()
        assert lines[0] == WORDS["does_text_char"][1] and len(lines) == 2
        chip = page.locator(".qb-chips button").first
        word = chip.inner_text()
        chip.click()
        page.wait_for_selector('.qb-sheet[data-ended="length"]')
        assert page.inner_text(".qb-text").startswith(word)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.close()
