"""A visitor of the demo, as a browser is one: buttons pressed over HTTP, answers streamed."""

import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 120.0


class Failed(Exception):
    """What the page said instead of an answer."""


class Page:
    """The page as it was served: its buttons, and what their fields hold at first."""

    def __init__(self, address: str) -> None:
        self.host, self.port = urlsplit(address).hostname or "", urlsplit(address).port or 80
        with closing(self.connection()) as connection:
            connection.request("GET", "/config")
            config = json.load(connection.getresponse())
        self._components = {one["id"]: one for one in config["components"]}
        self._events = config["dependencies"]

    def connection(self) -> HTTPConnection:
        return HTTPConnection(self.host, self.port, timeout=PATIENCE_SECONDS)

    def event(self, button: str) -> Mapping[str, Any]:
        """Find what a button with this `elem_id` does on the server."""
        named = (
            i for i, one in self._components.items() if self._props(i).get("elem_id") == button
        )
        number = next(named)
        return next(
            event
            for event in self._events
            if event["backend_fn"] and any(target[0] == number for target in event["targets"])
        )

    def _props(self, number: int) -> Mapping[str, Any]:
        props: Mapping[str, Any] = self._components[number]["props"]
        return props

    def press(self, button: str, **fields: Any) -> Generator[list[Any], None, None]:
        """Press a button as a new visitor; give each state of what it fills.

        Args:
            button: its `elem_id`.
            fields: by the `elem_id` of an input; the others keep what they held at first.

        Raises:
            Failed: the page shows an error.
        """
        event = self.event(button)
        data = [
            fields.get(str(self._props(i).get("elem_id")), self._props(i).get("value"))
            for i in event["inputs"]
        ]
        session = uuid.uuid4().hex
        body = json.dumps({"data": data, "fn_index": event["id"], "session_hash": session})
        with closing(self.connection()) as connection:
            connection.request(
                "POST", "/gradio_api/queue/join", body, {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status != 200:
                raise Failed(text)
        with closing(self.connection()) as connection:
            connection.request("GET", f"/gradio_api/queue/data?session_hash={session}")
            yield from _outputs(connection)


def _outputs(connection: HTTPConnection) -> Iterator[list[Any]]:
    shown: list[Any] = []
    for line in connection.getresponse():
        if not line.startswith(b"data:"):
            continue
        message = json.loads(line[5:])
        output = message.get("output") or {}
        if message["msg"] == "process_generating" and not message["success"]:
            raise Failed(output.get("error"))
        if message["msg"] == "process_generating":
            data = output["data"]  # the first time all of it, then what differs
            shown = [_patched(*pair) for pair in zip(shown, data, strict=True)] if shown else data
            yield shown
        elif message["msg"] == "process_completed":
            if not message["success"]:
                raise Failed(output.get("error"))
            if not shown:
                yield output["data"]
            return


def _patched(before: Any, difference: Any) -> Any:
    """Apply gradio's list of differences to a text."""
    if not isinstance(difference, list):
        return difference
    for action, path, value in difference:
        if path:
            raise NotImplementedError("only texts are followed")
        before = before + value if action == "append" else value
    return before


def free_port() -> int:
    """Give a port that nothing listens on."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def served(*options: str) -> Iterator[tuple[str, int]]:
    """Start `qibu demo`; give its address and process number, and stop it at the end."""
    port = free_port()
    command = [sys.executable, "-m", "qibu", "demo", "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.communicate(timeout=30)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server answers."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as connection:
                connection.request("GET", "/")
                if connection.getresponse().read():
                    return
        except OSError:
            time.sleep(0.05)
    process.terminate()
    raise RuntimeError(
        f"no page on port {port}: {(process.communicate()[1] or b'')[-2000:].decode()}"
    )


def own_memory_mb(process: int) -> float:
    """Give what a process holds in memory that is backed by no file, in MB."""
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    sizes = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return sum(int(sizes[key].split()[0]) for key in ("RssAnon", "VmSwap")) / 1024
