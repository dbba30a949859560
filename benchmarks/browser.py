"""How long does a character take in a browser, beside Python?

The same poem, a 七律 under every rule, on one thread: by Python with onnxruntime, and by the module
in JavaScript, in Node and in Chromium, with the page's compiled model and with onnxruntime-web.
Also what the page loads, and how soon its first character stands there on a slow line. Needs clang,
`npm install` in runtime/web, playwright and Debian's chromium; without that it is Node alone.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from functools import cache, partial
from gzip import compress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from typing import Any

import qibu
from qibu.bundled import model_path
from qibu_export.targets import wasm
from qibu_export.targets.web import RUNTIME_FILES, web_sources, write
from report import report
from timing import Contestant, interleave, of_poem, of_process

FORM, SEED, ROUNDS = "七律", 1, 20
CHARACTERS = 8 * 8 - 1
PYTHON = "Python"
WAYS = {"compiled": "models/poem.wasm", "onnxruntime-web": "models/poem.onnx"}
SLOW_LINE = 1.6e6 / 8  # bytes a second; with the latency, what Lighthouse takes a phone to have
LATENCY_SECONDS = 0.15  # there and back
SCRIPT = Path(__file__).with_name("browser_poem.js")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> None:
    runtime = web_sources()[1].parent / "node_modules" / "onnxruntime-web" / "dist"
    if not runtime.is_dir() or shutil.which("node") is None:
        print(f"nothing to measure: node or {runtime} is missing; `npm install` in runtime/web")
        return
    if not wasm.is_possible():
        print(f"nothing to measure: {wasm.PACKAGES} are missing")
        return
    chromium = shutil.which("chromium")
    with TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        site = Path(name) / "site"
        write([model_path("poem"), model_path("digits")], site)
        figures = loaded(site)
        if chromium is not None:
            figures["seconds to the first character at 1.6 Mbit/s"] = first_character(
                site, chromium
            )
        add_onnxruntime(site, runtime)
        poet = qibu.load("poem")
        contestants: dict[str, Contestant] = {}
        contestants[PYTHON] = of_poem(lambda: poet.stream(FORM, seed=SEED), CHARACTERS)
        for way, file in WAYS.items():
            contestants[f"Node, {way}"] = stack.enter_context(in_node(site, file))
        if chromium is not None:
            contestants |= stack.enter_context(in_chromium(site, chromium))
        times = interleave(contestants, ROUNDS)
    rows = []
    for way in contestants:
        first, third = times.quartiles(way)
        ratio = f"{times.ratio(way, PYTHON):.1f}"
        rows.append((way, f"{times.median(way):.0f}", f"{first:.0f}–{third:.0f}", ratio))
    report(
        __file__,
        ("way", "median µs", "quartiles", "÷ Python"),
        rows,
        settings={"threads": 1, "batch": 1, "model": "poem, int8", "rounds": ROUNDS},
        figures={f"{way} ÷ Python": times.ratio(way, PYTHON) for way in contestants} | figures,
        raw=times.microseconds,
    )


def add_onnxruntime(site: Path, runtime: Path) -> None:
    """Put the model file and onnxruntime-web beside the compiled one."""
    shutil.copy(model_path("poem"), site / WAYS["onnxruntime-web"])
    (site / "ort").mkdir()
    for name, place in RUNTIME_FILES.items():
        shutil.copy(runtime / name, site / "ort" / place)


@contextlib.contextmanager
def in_node(site: Path, file: str) -> Iterator[Contestant]:
    """Start Node, and give what asks it for one poem at a time."""
    folder = web_sources()[1].parent
    environment = os.environ | {
        "QIBU_MODEL": str(site / file),
        "QIBU_VERSE": str(site / "models" / "verse.json"),
    }
    command = ["node", str(SCRIPT), str(folder), FORM, str(SEED), str(CHARACTERS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", env=environment
    ) as process:
        yield of_process(process)
        assert process.stdin
        process.stdin.close()


@contextlib.contextmanager
def in_chromium(site: Path, chromium: str) -> Iterator[Mapping[str, Contestant]]:
    """Open a page for each way, and give what asks it for one poem at a time."""
    from playwright.sync_api import Page, sync_playwright

    def run(page: Page) -> tuple[float, int]:
        call = "([form, seed, characters]) => timePoem(poet, form, seed, characters)"
        seconds, steps = page.evaluate(call, [FORM, SEED, CHARACTERS])
        return float(seconds), int(steps)

    with served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        found = {}
        for way, file in WAYS.items():
            page = browser.new_page()
            page.goto(f"{address}site.json")
            page.set_content(f'<base href="{address}">' + import_map(site))
            page.add_script_tag(path=SCRIPT, type="module")
            page.wait_for_function("typeof timePoem === 'function'")
            page.evaluate(
                "async ([address, file]) => {"
                "const { load } = await import(address + 'qibu/index.js');"
                "globalThis.poet = await load(address + file); }",
                [address, file],
            )
            found[f"Chromium, {way}"] = partial(run, page)
        yield found
        browser.close()


def first_character(site: Path, chromium: str) -> float:
    """Give the seconds from opening the page to its first character, on a slow line."""
    from playwright.sync_api import sync_playwright

    with served(site, Line()) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(180_000)
        page.goto(f"{address}?seed={SEED}", wait_until="commit")
        page.wait_for_selector("#poem ruby", state="attached")
        seconds = page.evaluate("performance.now() / 1000")
        browser.close()
    return float(seconds)


class Line:
    """What all connections share; not the browser's own brake, which a service worker passes by."""

    def __init__(self) -> None:
        self._lock, self._free = Lock(), 0.0

    def wait(self, size: int) -> None:
        """Let bytes pass."""
        with self._lock:
            # who woke up late may catch up, up to a quarter of a second
            self._free = max(self._free, time.monotonic() - 0.25) + size / SLOW_LINE
            done = self._free
        time.sleep(max(0.0, done - time.monotonic()))


def import_map(site: Path) -> str:
    """Give the part of the page that says where onnxruntime-web is."""
    text = (site / "index.html").read_text("utf-8")
    start = text.index('<script type="importmap">')
    return text[start : text.index("</script>", start) + len("</script>")]


@contextlib.contextmanager
def served(site: Path, line: Line | None = None) -> Iterator[str]:
    """Serve a folder as a host does that compresses, and give its address."""

    class Host(SimpleHTTPRequestHandler):
        def send_head(self) -> Any:
            path = Path(self.translate_path(self.path))
            path = path / "index.html" if path.is_dir() else path
            if not path.is_file():
                return super().send_head()
            content = packed(path)
            time.sleep(LATENCY_SECONDS if line else 0)
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(path))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            return BytesIO(content)

        def copyfile(self, source: Any, outputfile: Any) -> None:
            with contextlib.suppress(ConnectionError):  # who has seen enough hangs up
                while part := source.read(4096):
                    if line:
                        line.wait(len(part))
                    outputfile.write(part)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@cache
def packed(path: Path) -> bytes:
    """Give a file as a host sends it."""
    return compress(path.read_bytes(), 6)


def loaded(site: Path) -> dict[str, float]:
    """Give what a first visit loads, as it lies and as a host sends it that compresses."""
    files = [path for path in site.rglob("*") if path.is_file()]
    sizes = {path: path.stat().st_size for path in files}
    sent = {path: len(packed(path)) for path in files}
    return {
        "MB of a first visit": sum(sizes.values()) / 1e6,
        "MB of a first visit, gzipped": sum(sent.values()) / 1e6,
        "MB of models": sum(s for p, s in sizes.items() if p.suffix == ".wasm") / 1e6,
        "MB of models, gzipped": sum(s for p, s in sent.items() if p.suffix == ".wasm") / 1e6,
    }


if __name__ == "__main__":
    main()
