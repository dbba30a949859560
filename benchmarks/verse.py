"""What do the rules of verse cost at each character?

The bundled model on one thread writes poems of eight lines of seven characters: under every rule
of a 七律, in the same shape with tones and rhyme left free, and in a plain loop over
`TokenStream.step` with one mask for all places, which is as little as a poem of that shape can do.
"""

from collections.abc import Iterator

import numpy as np

import qibu
from qibu.text.seeded_random import uniform_numbers
from qibu.text.token_stream import TokenStream
from qibu.verse.classes import ANY
from qibu.verse.forms import MARKS
from report import report
from timing import interleave, of_poem

LINES, LENGTH, ROUNDS, SEED = 8, 7, 60, 1
RULED, SHAPED, MASKED = "七律, every rule", "the same shape, tones and rhyme free", "one mask"


def masked(poet: qibu.Poet) -> Iterator[str]:
    """Write a poem of that shape with one mask."""
    steps = TokenStream(poet.stepper, poet.stepper.initial_state(), qibu.Sampling())
    steps.bias[:] = poet.classes.row(ANY)
    marks = [poet.vocabulary.id(mark) for mark in MARKS]
    numbers, uniform = uniform_numbers(SEED), np.empty(1, np.float32)
    pending = poet.prompt("七律")
    for line in range(LINES):
        for _ in range(LENGTH):
            uniform[0] = next(numbers)
            token = int(steps.step(np.array([pending], np.int64), uniform)[0])
            pending = [token]
            yield poet.vocabulary.decode(pending, simplified=True)
        pending = [*pending, marks[line % 2]]
        yield MARKS[line % 2]


def main() -> None:
    poet = qibu.load("poem")
    characters = LINES * (LENGTH + 1) - 1
    ways = {
        RULED: lambda: poet.stream("七律", seed=SEED),
        SHAPED: lambda: poet.stream("七古", lines=LINES, repetition=0, seed=SEED),
        MASKED: lambda: masked(poet),
    }
    times = interleave({name: of_poem(way, characters) for name, way in ways.items()}, ROUNDS)
    rows = [times.row(name, MASKED, decimals=3) for name in ways]
    report(
        __file__,
        ("way", "median µs", "quartiles", "÷ one mask"),
        rows,
        settings={"threads": 1, "batch": 1, "model": "poem, int8", "rounds": ROUNDS},
        figures={"every rule ÷ one mask": times.ratio(RULED, MASKED)},
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
