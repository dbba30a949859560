"""Many people at once, as their browsers would ask: over HTTP, without the browsers."""

import json
import re
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest

from qibu_demo.page.limits import AT_ONCE, SEEDS
from qibu_demo.write.logic import Wish, compose
from visitor import Failed, Page

from .conftest import Server

PEOPLE = 32


def text_of(sheet: str) -> str:
    found = re.search('data-text="([^"]*)"', sheet)
    assert found
    return unescape(found[1]).replace("\n", "")


def poem(page: Page, seed: int, form: str = "五絕") -> str:
    """Let a new visitor write a poem; give its text."""
    *_, last = page.press("qb-write", **{"qb-seed": seed, "qb-form": form})
    return text_of(last[0])


def test_everybody_at_once_gets_their_own_poem(server: Server) -> None:
    page = Page(server.address)
    with ThreadPoolExecutor(PEOPLE) as people:
        poems = list(people.map(lambda seed: poem(page, seed), range(PEOPLE)))
    assert poems == [compose(Wish(form="五絕", seed=seed)).text for seed in range(PEOPLE)]
    assert len(set(poems)) == PEOPLE


def test_a_visitor_who_goes_away_frees_the_place(server: Server) -> None:
    page = Page(server.address)

    def leave(_: int) -> None:
        # of 100 lines, which would take half a minute
        writing = page.press("qb-write", **{"qb-form": "七古", "qb-acrostic": "春" * 100})
        next(writing)
        writing.close()

    with ThreadPoolExecutor(AT_ONCE) as people:
        list(people.map(leave, range(AT_ONCE)))
    started = time.monotonic()
    poem(page, 1)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    "fields",
    [
        {"qb-start": "春" * 10_000},
        {"qb-start": "<script>"},
        {"qb-seed": -1},
        {"qb-seed": SEEDS},
        {"qb-seed": "7; DROP TABLE"},
        {"qb-form": "絕"},
        {"qb-title": {"path": "/etc/passwd"}},
    ],
    ids=repr,
)
def test_bad_fields_get_a_message_and_the_server_lives(
    server: Server, fields: dict[str, object]
) -> None:
    page = Page(server.address)
    with pytest.raises(Failed):
        list(page.press("qb-write", **fields))
    assert poem(page, 2)


def refused(request: urllib.request.Request | str) -> int:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file=/etc/passwd",
        "gradio_api/file=../../../../etc/passwd",
        "gradio_api/file=pyproject.toml",
        "gradio_api/file/etc/passwd",
        "static/../../../../etc/passwd",
        "assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "gradio_api/proxy=http://127.0.0.1/",
        "monitoring",
    ],
)
def test_nothing_on_the_disk_can_be_read(server: Server, path: str) -> None:
    assert refused(f"{server.address}/{path}") in (400, 403, 404, 500)


def test_a_path_is_not_taken_for_an_upload(server: Server) -> None:
    page = Page(server.address)
    for button in ("qb-upload-digit", "qb-upload-model", "qb-load"):
        file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
        with pytest.raises(Failed):
            list(page.press(button, **{button: file}))


def test_an_upload_of_50_mb_is_refused(server: Server) -> None:
    boundary = "x" * 20
    head = 'Content-Disposition: form-data; name="files"; filename="big.onnx"'
    body = f"--{boundary}\r\n{head}\r\n\r\n".encode() + bytes(50_000_000)
    body += f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{server.address}/gradio_api/upload",
        body,
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    try:
        status = refused(request)
    except (ConnectionError, urllib.error.URLError):
        status = 413  # the server hung up on the way
    assert status == 413
    assert refused(server.address) == 200


def test_the_page_says_its_language_before_anything_else(server: Server) -> None:
    with urllib.request.urlopen(server.address, timeout=60) as answer:
        page = answer.read().decode()
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert page.index("qibuSwitchLanguage") < page.index("gradio_config")


def test_the_tools_are_there_for_models_too(server: Server) -> None:
    with urllib.request.urlopen(f"{server.address}/gradio_api/mcp/schema", timeout=60) as answer:
        tools = {tool["name"]: tool for tool in json.load(answer)}
    assert {"write", "compose", "check_poem", "read_digit", "what_if"} <= set(tools)
    assert "seed" in tools["write"]["inputSchema"]["properties"]
    assert all(tool["description"] for tool in tools.values())
