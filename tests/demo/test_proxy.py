"""The page behind a proxy that serves it under a path of its own."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from qibu_demo.write.logic import Wish, compose
from visitor import served

PREFIX = "/qibu"


def handler(address: str) -> type[BaseHTTPRequestHandler]:
    """Give what passes requests on to a server, their path without the prefix."""
    netloc = urlsplit(address).netloc

    class Proxy(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            if not self.path.startswith(f"{PREFIX}/"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            with closing(HTTPConnection(netloc, timeout=60)) as connection:
                headers = {name: value for name, value in self.headers.items() if name != "Host"}
                headers["X-Forwarded-Host"] = self.headers["Host"]
                connection.request(self.command, self.path[len(PREFIX) :], body, headers)
                answer = connection.getresponse()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.end_headers()
                while part := answer.read1():  # as it comes, since poems are streamed
                    self.wfile.write(part)
                    self.wfile.flush()

        do_GET = do_POST = do_HEAD = pass_on

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output to the tests."""

    return Proxy


@contextmanager
def proxied(address: str) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(address)) as proxy:
        thread = Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}{PREFIX}/"
        finally:
            proxy.shutdown()
            thread.join()


def test_a_proxy_may_serve_the_page_under_a_path(context: Any) -> None:
    with served("--root-path", PREFIX) as (address, _), proxied(address) as outside:
        page = context.new_page()
        strays = []
        page.on("response", lambda r: strays.append(r.url) if r.status >= 400 else None)
        page.goto(outside, wait_until="domcontentloaded")
        page.wait_for_selector("#qb-write")
        page.click("#qb-write")
        page.wait_for_selector("#qb-report .qb-report")
        text = page.get_attribute("#qb-poem .qb-sheet", "data-text").replace("\n", "")
        assert text == compose(Wish()).text
        assert not strays
