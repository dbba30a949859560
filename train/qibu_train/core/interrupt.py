"""Ctrl-C while something is done that must not stop half-way."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noting_interrupt(note: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C be noted, since half a step could not be resumed."""

    def handle(number: int, frame: FrameType | None) -> None:
        note()

    former = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
