"""What gradio's page lacks: its language, before anything is shown, and headers."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from importlib.resources import files
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LANGUAGES = {"en": "English", "zh": "中文"}
COOKIE = "qibu_language"
_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


def asset(name: str) -> str:
    """Read a file that lies beside the code."""
    return files("qibu_demo").joinpath("assets", name).read_text("utf-8")


def language_of(cookies: MutableMapping[str, str], accepted: str) -> str:
    """Choose the language of a visitor: as switched, else as the browser prefers, else English.

    Args:
        cookies: of the request.
        accepted: the header `Accept-Language`, such as "zh-TW,zh;q=0.9,en;q=0.5".
    """
    chosen = cookies.get(COOKIE, "")
    wishes = [chosen, *(part.partition(";")[0].strip() for part in accepted.split(","))]
    known = (wish[:2].lower() for wish in wishes if wish[:2].lower() in LANGUAGES)
    return next(known, "en")


class Page:
    """ASGI middleware that puts the script of the language first into the page's head.

    Gradio takes the browser's language once, before any script of ours would run.

    Args:
        app: what answers.
        title: how the page is called where a link to it is shown; gradio says "Gradio".
    """

    def __init__(self, app: Application, title: str) -> None:
        self._app = app
        self._title = f'content="{escape(title)}"'.encode()
        script = asset("language.js").replace("COOKIE", json.dumps(COOKIE))
        self._script = f"<head><script>{script}</script>".encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []  # the page's start, until its length is known
        body = bytearray()

        async def passed_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *_HEADERS]
                message["headers"] = headers
                kind = dict(headers).get(b"content-type", b"")
                if scope["method"] == "GET" and kind.startswith(b"text/html"):
                    held.append(message)
                    return
            elif held:
                body.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                start = held.pop()
                whole = bytes(body).replace(b"<head>", self._script, 1)
                whole = whole.replace(b'content="Gradio"', self._title)
                start["headers"] = [
                    (name, str(len(whole)).encode() if name == b"content-length" else value)
                    for name, value in start["headers"]
                ]
                await send(start)
                message = {"type": "http.response.body", "body": whole}
            await send(message)

        await self._app(scope, receive, passed_on)
