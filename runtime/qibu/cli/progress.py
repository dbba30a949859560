"""How far long work is, on a terminal's stderr; silent elsewhere, and in work that is soon done."""

import sys
import time
from collections.abc import Callable
from types import TracebackType

PATIENCE = 1.0  # seconds before a bar appears
PAUSE = 0.2  # seconds between two looks of it
WIDTH = 30


class Progress:
    """A bar with what is done, the rate and the time that is left."""

    def __init__(self, total: int, unit: str) -> None:
        self._total, self._unit, self._done = total, unit, 0
        self._shown = False
        self._started = time.monotonic()
        self._next = self._started + PATIENCE
        self._terminal = sys.stderr.isatty()

    def advance(self, count: int = 1) -> None:
        """Note that more is done."""
        self._done += count
        if self._terminal and time.monotonic() >= self._next:
            self._draw()

    def reach(self, done: int) -> None:
        """Note how much is done in all."""
        self.advance(done - self._done)

    def _draw(self) -> None:
        now = time.monotonic()
        self._shown, self._next = True, now + PAUSE
        rate = self._done / max(now - self._started, 1e-9)
        left = (self._total - self._done) / rate if rate else 0.0
        filled = WIDTH * self._done // max(self._total, 1)
        print(
            f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {self._done:,} of {self._total:,} "
            f"{self._unit}, {rate:,.0f} a second, {left:.0f} s left ",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._draw()
            print(file=sys.stderr)


def report_to(unit: str) -> Callable[[int, int], None]:
    """Give what long work calls with what is done, and of how much."""
    bars: list[Progress] = []

    def report(done: int, total: int) -> None:
        if not bars:
            bars.append(Progress(total, unit))
        bars[0].reach(done)
        if done == total:
            bars.pop().__exit__(None, None, None)

    return report
