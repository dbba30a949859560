"""The page for programs: gradio_client, streaming, and an MCP client."""

import asyncio
import base64
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import qibu
from qibu_demo.write.logic import Wish, compose
from visitor import free_port, wait_for

from .conftest import Server
from .test_read import three

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    gradio_client = pytest.importorskip("gradio_client")
    return gradio_client.Client(server.address, verbose=False)


def test_a_poem_streams_to_a_program(client: Any) -> None:
    job = client.submit(form="五絕", start="春", seed=3, api_name="/write")
    whole = job.result(timeout=120)
    assert whole == compose(Wish(form="五絕", start="春", seed=3)).text
    assert [len(text) for text in job.outputs()] == list(range(1, len(whole) + 1))


def test_a_composition_comes_with_its_report(client: Any) -> None:
    poem = client.predict(form="五絕", seed=1, best_of=2, api_name="/compose")
    assert poem["text"] == compose(Wish(form="五絕", seed=1, best_of=2)).text
    assert poem["report"]["passed"] is True


@pytest.mark.parametrize(
    "wish, message",
    [
        ({"temperature": 99}, "temperature must be"),
        ({"best_of": 1000}, "best_of must be"),
        ({"start": "春" * 10_000}, "at most 200"),
        ({"form": "<b>"}, "'<b>'"),
    ],
)
def test_a_wish_out_of_range_is_told_to_the_program(
    client: Any, wish: dict[str, Any], message: str
) -> None:
    with pytest.raises(Exception, match=message):
        client.predict(**wish, api_name="/compose")


def test_a_digit_streams_to_a_program(client: Any) -> None:
    picture = base64.b64encode(three()).decode()
    job = client.submit(picture, api_name="/read_digit")
    assert job.result(timeout=120)["digit"] == 3
    assert len(job.outputs()) == 28


def test_the_other_functions_answer(client: Any) -> None:
    assert client.predict(
        "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。", api_name="/check_poem"
    )["passed"]
    both = client.predict(start="春風", position=2, character="雲", api_name="/what_if")
    assert both["what_if"].startswith("春雲") and both["as_it_was"].startswith("春風")
    names = [row["name"] for row in client.predict(api_name="/list_models")]
    assert names == list(qibu.bundled_models())
    assert client.predict("digits", api_name="/step_time")["median_us"] > 0


def test_an_mcp_client_gets_a_poem(server: Server) -> None:
    pytest.importorskip("mcp")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def poem() -> str:
        address = f"{server.address}/gradio_api/mcp/"
        async with (
            streamable_http_client(address) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            answer = await session.call_tool("write", {"form": "五絕", "seed": 3})
            return str(answer.content[0].text)

    assert compose(Wish(form="五絕", seed=3)).text in asyncio.run(poem())


def start(command: Sequence[str | Path], folder: Path) -> None:
    """Start a page, look at it once, and stop it."""
    port = free_port()
    with subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            wait_for(port, process)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                assert "七步".encode() in answer.read()
        finally:
            process.terminate()
            process.communicate(timeout=30)


def test_a_space_is_complete_and_needs_no_torch(tmp_path: Path) -> None:
    from qibu_demo.command import main

    assert main(["--space", str(tmp_path / "space")]) == 0
    space = tmp_path / "space"
    assert {path.name for path in space.iterdir()} == {
        ".gitattributes", "README.md", "app.py", "qibu", "qibu_demo", "requirements.txt",
    }  # fmt: skip
    assert (space / "README.md").read_text("utf-8").startswith("---\ntitle: ")
    assert "torch" not in (space / "requirements.txt").read_text("utf-8")
    assert (space / "qibu" / "models" / "poem.onnx").stat().st_size > 1e6
    assert main(["--space", str(space)]) == 0  # brought up to date
    with pytest.raises(qibu.InputError, match="other files"):
        main(["--space", str(ROOT)])


def test_a_space_starts_in_its_own_environment(tmp_path: Path) -> None:
    from qibu_demo.page.space import write_space

    write_space(tmp_path)
    python = tmp_path / "environment" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    result = subprocess.run(
        [*install, "-r", tmp_path / "requirements.txt"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode != 0:
        pytest.skip(f"the Space's packages can't be installed: {result.stderr.strip()[-200:]}")
    assert subprocess.run([python, "-c", "import torch"], capture_output=True).returncode != 0
    start([python, "app.py"], tmp_path)
