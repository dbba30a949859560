"""Timing contestants in turns, so that whatever else the machine does meets them all."""

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

TURN_SECONDS = 0.03  # the least that one turn takes: a poem, or as many as fit

# runs once; gives the seconds that counted and the steps that they took
Contestant = Callable[[], tuple[float, int]]


@dataclass
class Times:
    """What the rounds gave each contestant."""

    microseconds: dict[str, list[float]] = field(default_factory=dict)  # per step, a round each

    def median(self, name: str) -> float:
        """Give the median time of a step in µs."""
        return statistics.median(self.microseconds[name])

    def quartiles(self, name: str) -> tuple[float, float]:
        """Give the first and the third quartile in µs."""
        first, _, third = statistics.quantiles(self.microseconds[name], n=4, method="inclusive")
        return first, third

    def ratio(self, name: str, to: str) -> float:
        """Give the median over the rounds of one time over another of the same round."""
        pairs = zip(self.microseconds[name], self.microseconds[to], strict=True)
        return statistics.median(a / b for a, b in pairs)

    def row(self, name: str, to: str, decimals: int = 2) -> tuple[str, str, str, str]:
        """Give a line of a table: the name, the median, the quartiles, the ratio to another."""
        first, third = self.quartiles(name)
        ratio = f"{self.ratio(name, to):.{decimals}f}"
        return name, f"{self.median(name):.1f}", f"{first:.1f}–{third:.1f}", ratio

    def quickest(self, *names: str) -> str:
        """Name the one of these with the least median; those that weren't there don't count."""
        return min((name for name in names if name in self.microseconds), key=self.median)


def interleave(contestants: Mapping[str, Contestant], rounds: int, warm_up: int = 3) -> Times:
    """Give every contestant a turn in every round, the first ones uncounted."""
    times = Times({name: [] for name in contestants})
    for number in range(warm_up + rounds):
        for name, contestant in contestants.items():
            seconds, steps = 0.0, 0
            while seconds < TURN_SECONDS:
                more_seconds, more_steps = contestant()
                seconds, steps = seconds + more_seconds, steps + more_steps
            if number >= warm_up:
                times.microseconds[name].append(seconds / steps * 1e6)
    return times


def of_poem(begin: Callable[[], Iterator[str]], characters: int) -> Contestant:
    """Time the characters of a poem after its first, which also has to read the prompt."""

    def run() -> tuple[float, int]:
        poem = begin()
        next(poem)
        started = time.perf_counter()
        for _ in range(characters):
            next(poem)
        return time.perf_counter() - started, characters

    return run


def of_process(process: "subprocess.Popen[str]") -> Contestant:
    """Time what another process does at each line: it answers with seconds and steps."""
    assert process.stdin and process.stdout
    stdin, stdout = process.stdin, process.stdout

    def run() -> tuple[float, int]:
        stdin.write("\n")
        stdin.flush()
        seconds, steps = stdout.readline().split()
        return float(seconds), int(steps)

    return run


def of_call(call: Callable[[], object], steps: int = 1, times: int = 1) -> Contestant:
    """Time something that takes a number of steps at every call."""

    def run() -> tuple[float, int]:
        started = time.perf_counter()
        for _ in range(times):
            call()
        return time.perf_counter() - started, steps * times

    return run
