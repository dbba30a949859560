"""How long until the demo's page is there, beside importing torch and gradio?

`qibu demo` as a new process, from its start to the last byte of its first page, and a Python that
imports torch and gradio as they are, in turns, with their files in the page cache.
"""

import subprocess
import sys
import time
from http.client import HTTPConnection

from report import report
from timing import interleave
from visitor import free_port

ROUNDS, WARM_UP = 8, 1
PATIENCE_SECONDS = 60.0
PAGE, IMPORTS = "`qibu demo`, first page", "`import torch, gradio`"


def until_page() -> float:
    """Start the demo; give the seconds until its first page has come."""
    port = free_port()
    command = [sys.executable, "-m", "qibu", "demo", "--port", str(port)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            while time.perf_counter() - started < PATIENCE_SECONDS:
                connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
                try:
                    connection.request("GET", "/")
                    page = connection.getresponse().read()
                except ConnectionRefusedError:
                    time.sleep(0.005)
                    continue
                finally:
                    connection.close()
                if b"gradio" in page:
                    return time.perf_counter() - started
            sys.exit(f"no page within {PATIENCE_SECONDS:.0f} s")
        finally:
            server.terminate()


def until_imported() -> float:
    """Import torch and gradio in a new process; give the seconds that it took."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch, gradio"], check=True)
    return time.perf_counter() - started


def main() -> None:
    times = interleave(
        {PAGE: lambda: (until_page(), 1), IMPORTS: lambda: (until_imported(), 1)}, ROUNDS, WARM_UP
    )
    rows = []
    for name in times.microseconds:
        first, third = (quartile / 1e3 for quartile in times.quartiles(name))
        rows.append(
            (
                name,
                f"{times.median(name) / 1e3:.0f}",
                f"{first:.0f}–{third:.0f}",
                f"{times.ratio(name, PAGE):.2f}",
            )
        )
    report(
        __file__,
        ("what", "ms", "quartiles", "÷ first page"),
        rows,
        settings={"rounds": ROUNDS, "page cache": "warm"},
        figures={"importing torch and gradio ÷ first page": times.ratio(IMPORTS, PAGE)},
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
