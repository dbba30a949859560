import asyncio
import time
from collections.abc import Iterator

import pytest

from qibu_demo.page.pace import paced


def given(items: Iterator[int], seconds: float, late: float = 0.0) -> list[list[int]]:
    async def collect() -> list[list[int]]:
        together = []
        async for due in paced(items, seconds):
            together.append(due)
            time.sleep(late)
        return together

    return asyncio.run(collect())


def test_items_come_one_by_one_when_nothing_is_late() -> None:
    assert given(iter(range(3)), 0) == [[0], [1], [2]]


def test_what_fell_due_meanwhile_comes_together() -> None:
    together = given(iter(range(100)), 0.001, late=0.02)
    assert [item for due in together for item in due] == list(range(100))
    assert len(together) < 20


@pytest.mark.parametrize("count", [0, 1])
def test_few_items_are_given_too(count: int) -> None:
    assert given(iter(range(count)), 0.001) == [[0]] * count
