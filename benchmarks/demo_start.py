"""How long until the demo's page is there, beside importing torch and gradio?

`qibu demo` as a new process, from its start to the last byte of its first page, and a Python that
imports torch and gradio as they are, in turns, with their files in the page cache.
"""

import statistics
import subprocess
import sys
import time
from http.client import HTTPConnection

from report import report
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
    contestants = {PAGE: until_page, IMPORTS: until_imported}
    runs: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(WARM_UP + ROUNDS):
        for name, contestant in contestants.items():
            seconds = contestant()
            if number >= WARM_UP:
                runs[name].append(seconds * 1e3)
    rows = []
    for name, times in runs.items():
        first, _, third = statistics.quantiles(times, n=4, method="inclusive")
        ratio = statistics.median(a / b for a, b in zip(times, runs[PAGE], strict=True))
        rows.append(
            (name, f"{statistics.median(times):.0f}", f"{first:.0f}–{third:.0f}", f"{ratio:.2f}")
        )
    report(
        __file__,
        ("what", "ms", "quartiles", "÷ first page"),
        rows,
        settings={"rounds": ROUNDS, "page cache": "warm"},
        figures={"importing torch and gradio ÷ first page": ratio},
        raw={f"{name}, ms": times for name, times in runs.items()},
    )


if __name__ == "__main__":
    main()
