"""Showing what is quick at the speed of an eye, and no slower when many look on."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

T = TypeVar("T")


async def paced(items: Iterator[T], seconds: float) -> AsyncIterator[list[T]]:
    """Give items as they fall due, one every so many seconds.

    Where a busy server comes late, it gives together what has fallen due meanwhile, so that the
    last one comes in time.

    Args:
        items: quick to be had.
        seconds: between two items; 0 gives each on its own, at once.
    """
    started = time.monotonic()
    given = 0
    for item in items:
        due = [item]
        while seconds and given + len(due) <= (time.monotonic() - started) / seconds:
            try:
                due.append(next(items))
            except StopIteration:
                break
        given += len(due)
        yield due
        await asyncio.sleep(max(0.0, started + given * seconds - time.monotonic()))
