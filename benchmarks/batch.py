"""How many characters a second does a batch of poems give?

The bundled model on one thread; a `TokenStream` draws a character for every poem of the batch at
each step, sampler included, and the tokens become text.
"""

from collections.abc import Callable

import numpy as np

import qibu
from qibu.text.token_stream import TokenStream
from report import report
from timing import interleave, of_call

BATCHES, STEPS, ROUNDS = (1, 4, 16, 64), 20, 30


def write(poet: qibu.Poet, batch: int) -> Callable[[], None]:
    """Give what goes on with a batch of poems by some steps."""
    steps = TokenStream(poet.stepper, poet.stepper.initial_state(batch), qibu.Sampling())
    vocabulary = poet.vocabulary
    steps.bias[:, : len(vocabulary.controls)] = -np.inf
    chance = np.random.default_rng(0)
    tokens = chance.integers(len(vocabulary.controls), len(vocabulary), (batch, 1))

    def go_on() -> None:
        for _ in range(STEPS):
            drawn = steps.step(tokens, chance.random(batch, np.float32))
            tokens[:, 0] = drawn
            vocabulary.decode(drawn.tolist())

    return go_on


def main() -> None:
    poet = qibu.load("poem")
    calls = {str(batch): write(poet, batch) for batch in BATCHES}
    times = interleave(
        {name: of_call(call, STEPS * int(name)) for name, call in calls.items()}, ROUNDS
    )
    rows = []
    for name in calls:
        first, third = times.quartiles(name)
        rows.append(
            (
                name,
                f"{1e6 / times.median(name):,.0f}",
                f"{1e6 / third:,.0f}–{1e6 / first:,.0f}",
                f"{times.ratio('1', name):.2f}",
            )
        )
    report(
        __file__,
        ("poems at once", "characters a second", "quartiles", "÷ one poem"),
        rows,
        settings={"threads": 1, "model": "poem, int8", "rounds": ROUNDS},
        figures={"batch 16 ÷ batch 1": times.ratio("1", "16")},
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
