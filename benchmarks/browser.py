"""How long does a character take in a browser, beside Python?

The same poem, a 七律 under every rule, from the same file: by Python with onnxruntime, and by the
module in JavaScript with onnxruntime-web on one thread of WebAssembly, in Node and in Chromium.
Also what the page loads. Needs `npm install` in runtime/web, playwright and Debian's chromium;
what isn't there is left out.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from gzip import compress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import qibu
from qibu.bundled import model_path
from qibu_export.targets.web import web_sources, write
from report import report
from timing import Contestant, interleave, of_poem, of_process

FORM, SEED, ROUNDS = "七律", 1, 20
CHARACTERS = 8 * 8 - 1
PYTHON, NODE, CHROMIUM = "Python", "JavaScript, Node", "JavaScript, Chromium"
SCRIPT = Path(__file__).with_name("browser_poem.js")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> None:
    runtime = web_sources()[1].parent / "node_modules" / "onnxruntime-web" / "dist"
    if not runtime.is_dir() or shutil.which("node") is None:
        print(f"nothing to measure: node or {runtime} is missing; `npm install` in runtime/web")
        return
    with TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        site = Path(name) / "site"
        write([model_path("poem"), model_path("digits")], site, source=runtime)
        poet = qibu.load("poem")
        contestants = {
            PYTHON: of_poem(lambda: poet.stream(FORM, seed=SEED), CHARACTERS),
            NODE: stack.enter_context(in_node(site)),
        }
        if (chromium := shutil.which("chromium")) is not None:
            contestants[CHROMIUM] = stack.enter_context(in_chromium(site, chromium))
        times = interleave(contestants, ROUNDS)
        sizes = loaded(site)
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
        figures={f"{way} ÷ Python": times.ratio(way, PYTHON) for way in contestants} | sizes,
        raw=times.microseconds,
    )


@contextlib.contextmanager
def in_node(site: Path) -> Iterator[Contestant]:
    """Start Node, and give what asks it for one poem at a time."""
    folder = web_sources()[1].parent
    environment = os.environ | {
        "QIBU_MODEL": str(model_path("poem")),
        "QIBU_VERSE": str(site / "models" / "verse.json"),
    }
    command = ["node", str(SCRIPT), str(folder), FORM, str(SEED), str(CHARACTERS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield of_process(process)
        assert process.stdin
        process.stdin.close()


@contextlib.contextmanager
def in_chromium(site: Path, chromium: str) -> Iterator[Contestant]:
    """Open the page, and give what asks it for one poem at a time."""
    from playwright.sync_api import sync_playwright

    with served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{address}site.json")
        page.set_content(f'<base href="{address}">' + import_map(site))
        page.add_script_tag(path=SCRIPT, type="module")
        page.wait_for_function("typeof timePoem === 'function'")
        page.evaluate(
            "async address => { const { load } = await import(address + 'qibu/index.js');"
            "globalThis.poet = await load(address + 'models/poem.onnx'); }",
            address,
        )

        def run() -> tuple[float, int]:
            call = "([form, seed, characters]) => timePoem(poet, form, seed, characters)"
            seconds, steps = page.evaluate(call, [FORM, SEED, CHARACTERS])
            return float(seconds), int(steps)

        yield run
        browser.close()


def import_map(site: Path) -> str:
    """Give the part of the page that says where onnxruntime-web is."""
    text = (site / "index.html").read_text("utf-8")
    start = text.index('<script type="importmap">')
    return text[start : text.index("</script>", start) + len("</script>")]


@contextlib.contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder, and give its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def loaded(site: Path) -> dict[str, float]:
    """Give what a first visit loads, as it lies and as a host sends it that compresses."""
    files = [path for path in site.rglob("*") if path.is_file()]
    sizes = {path: path.stat().st_size for path in files}
    packed = {path: min(sizes[path], len(compress(path.read_bytes(), 6))) for path in files}
    return {
        "MB of a first visit": sum(sizes.values()) / 1e6,
        "MB of a first visit, gzipped": sum(packed.values()) / 1e6,
        "MB of models": sum(s for p, s in sizes.items() if p.suffix == ".onnx") / 1e6,
        "MB of models, gzipped": sum(s for p, s in packed.items() if p.suffix == ".onnx") / 1e6,
        "MB of WebAssembly": sum(s for p, s in sizes.items() if p.suffix == ".wasm") / 1e6,
        "MB of WebAssembly, gzipped": sum(s for p, s in packed.items() if p.suffix == ".wasm")
        / 1e6,
    }


if __name__ == "__main__":
    main()
