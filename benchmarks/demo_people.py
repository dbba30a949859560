"""Do 32 people at once wait much longer than one, and does the server's memory grow?

Visitors press the page's own button over HTTP, each with their own seed, and follow their poem as
it is streamed; the wait is from the press to the finished sheet. Before that 1,000 poems, ten
people at a time: memory that no file backs, against that after the first 10.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from report import report
from visitor import Page, own_memory_mb, served

PEOPLE, ALONE, POEMS, FIRST = 32, 5, 1_000, 10


def wait(page: Page, seed: int) -> float:
    """Let a new visitor write a poem; give the seconds until it is there."""
    started = time.perf_counter()
    for _ in page.press("qb-write", **{"qb-seed": seed, "qb-form": "五絕"}):
        pass
    return time.perf_counter() - started


def main() -> None:
    with served() as (address, process), ThreadPoolExecutor(PEOPLE) as people:
        page = Page(address)
        with ThreadPoolExecutor(FIRST) as few:
            list(few.map(lambda seed: wait(page, seed), range(FIRST)))
            before = own_memory_mb(process)
            list(few.map(lambda seed: wait(page, seed), range(FIRST, POEMS)))
            after = own_memory_mb(process)
        alone = [wait(page, seed) for seed in range(ALONE)]
        together = list(people.map(lambda seed: wait(page, seed), range(PEOPLE)))
    ratio = statistics.median(together) / statistics.median(alone)
    report(
        __file__,
        ("what", "at first", "in the end", "ratio"),
        [
            (
                f"median wait in s, 1 → {PEOPLE} people",
                f"{statistics.median(alone):.2f}",
                f"{statistics.median(together):.2f}",
                f"{ratio:.2f}",
            ),
            (f"memory in MB, {FIRST} → {POEMS:,} poems", f"{before:.0f}", f"{after:.0f}",
             f"{after / before:.2f}"),
        ],
        settings={"people": PEOPLE, "poems": POEMS},
        figures={
            "wait of 32 ÷ wait of one": ratio,
            "memory after 1,000 ÷ after 10": after / before,
        },
        raw={"alone, s": alone, "together, s": together},
    )  # fmt: skip


if __name__ == "__main__":
    main()
