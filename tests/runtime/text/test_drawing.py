"""The one route that draws tokens: what is forced, what is drawn, and whose turn it is."""

import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import qibu
from qibu.core.arrays import Float32Array, Int64Array
from qibu.text.drawing import Logits, draw
from qibu.text.sampling import Sampling
from qibu.text.seeded_random import uniform_numbers
from qibu.text.token_stream import TokenStepper, TokenSteps, TokenStream, Uniform

SIZE = 11


class EchoSteps:
    """Draws the number of the token that a text's bias allows, and notes what it is fed."""

    def __init__(self, batch: int) -> None:
        self.bias: Float32Array = np.zeros((batch, SIZE), np.float32)
        self.read: list[list[list[int]]] = []
        self.chances: list[list[float]] = []

    def step(self, tokens: Int64Array, uniform: Uniform) -> Int64Array:
        self.read.append(tokens.tolist())
        self.chances.append([float(number) for number in uniform])
        return np.array(self.bias.argmax(1), np.int64)

    @property
    def logits(self) -> Float32Array:
        return self.bias * 2


class Planned:
    """A text of given tokens: one below 0 is drawn, as its negative."""

    def __init__(self, *plan: int) -> None:
        self.plan, self.tokens = plan, list[int]()
        self.best: list[int | None] = []  # of the logits that came with a token

    @property
    def done(self) -> bool:
        return len(self.tokens) == len(self.plan)

    def slot(self, bias: Float32Array) -> int | None:
        token = self.plan[len(self.tokens)]
        if token >= 0:
            return token
        bias.fill(-np.inf)
        bias[-token] = 0
        return None

    def accept(self, token: int, logits: Logits | None) -> None:
        self.tokens.append(token)
        self.best.append(None if logits is None else int(logits().argmax()))


def test_a_forced_token_is_read_with_the_next_draw_and_takes_no_random_number() -> None:
    text, steps = Planned(-3, 5, 6, -4), EchoSteps(1)
    given = [(tokens, drawn) for tokens, drawn in draw(steps, [1, 2], [text], [7])]
    assert given == [([3], True), ([5], False), ([6], False), ([4], True)]
    assert steps.read == [[[1, 2]], [[3, 5, 6]]]
    assert steps.chances == [[float(u)] for u in islice(uniform_numbers(7), 2)]
    assert (text.tokens, text.best) == ([3, 5, 6, 4], [3, None, None, 4])


def test_texts_side_by_side_go_their_own_ways_and_one_that_is_done_stays_so() -> None:
    texts, steps = [Planned(-3, 5, -1), Planned(-4), Planned(-2, 6, -7)], EchoSteps(3)
    assert len(list(draw(steps, [1], texts, [1, 2, 3]))) == 3
    assert [text.tokens for text in texts] == [[3, 5, 1], [4], [2, 6, 7]]
    assert [texts[0].best, texts[2].best] == [[3, None, 1], [2, None, 7]]
    assert [steps.read[1][place] for place in (0, 2)] == [[3, 5], [2, 6]]
    wanted = [[float(u) for u in islice(uniform_numbers(seed), 2)] for seed in (1, 2, 3)]
    assert np.transpose(steps.chances).tolist() == wanted


def test_a_text_goes_on_once_the_next_token_is_asked_for() -> None:
    text = Planned(-3, -4)
    tokens = draw(EchoSteps(1), [1], [text], [7])
    next(tokens)
    assert text.tokens == []
    next(tokens)
    assert text.tokens == [3]


def test_texts_that_are_done_take_no_step() -> None:
    steps = EchoSteps(1)
    assert not list(draw(steps, [1], [Planned()], [7])) and not steps.read


def test_a_token_stream_draws_what_the_sampler_says(poem_file: Path) -> None:
    stepper = qibu.Stepper(poem_file)
    sampling = Sampling(temperature=0.7, top_k=5, top_p=0.8)
    state = stepper.initial_state(2)
    steps = TokenStream(stepper, state, sampling)
    tokens = np.array([[7, 8], [9, 10]], np.int64)
    for number in range(40):
        chance = np.random.default_rng(number)
        uniform = chance.random(2, np.float32)
        steps.bias[:] = np.where(chance.random(steps.bias.shape) < 0.5, 0, -np.inf)
        outputs, state = stepper.step(
            {
                "tokens": tokens,
                "bias": steps.bias,
                "uniform": uniform,
                **sampling.feeds(steps.bias.shape[1]),
            },
            state,
        )
        drawn = steps.step(tokens, uniform)
        assert drawn.tolist() == outputs["token"].tolist()
        assert np.array_equal(steps.logits, outputs["logits"])
        tokens = drawn[:, None].copy()
    assert np.array_equal(steps.state()["h_in"], state["h_in"])


@pytest.mark.parametrize("batch", [1, 3])
def test_stepping_by_values_draws_what_the_stream_draws(batch: int, poem_file: Path) -> None:
    stepper = qibu.Stepper(poem_file)
    state, sampling = stepper.initial_state(batch), Sampling(temperature=1.5, top_k=0)
    ways: list[TokenSteps] = [way(stepper, state, sampling) for way in (TokenStream, TokenStepper)]
    written = []
    for steps in ways:
        texts = [Planned(*[-20] * 12) for _ in range(batch)]
        for text in texts:  # all but the controls may come
            text.slot = lambda bias: bias.fill(0)  # type: ignore[method-assign]
        written.append([tokens for tokens, _ in draw(steps, [2], texts, range(batch))])
    assert written[0] == written[1] and len(written[0]) == 12
    assert np.array_equal(ways[0].logits, ways[1].logits)


def test_a_step_by_value_leaves_the_state_before_as_it_is(poem_file: Path) -> None:
    stepper = qibu.Stepper(poem_file)
    steps = TokenStepper(stepper, stepper.initial_state(), Sampling())
    tokens, uniform = np.array([[15]], np.int64), np.array([0.5], np.float32)
    first = steps.step(tokens, uniform).tolist()
    kept = steps.state
    values = kept["h_in"].copy()
    second = steps.step(tokens, uniform).tolist()
    assert np.array_equal(kept["h_in"], values) and not np.array_equal(steps.state["h_in"], values)
    again = TokenStepper(stepper, kept, Sampling())
    assert again.step(tokens, uniform).tolist() == second
    assert TokenStepper(stepper, stepper.initial_state(), Sampling()).step(
        tokens, uniform
    ).tolist() == first  # fmt: skip


def test_no_other_module_feeds_the_sampler() -> None:
    root = Path(__file__).parents[3]
    files = [*root.glob("runtime/qibu/**/*.py"), *root.glob("demo/qibu_demo/**/*.py")]
    feeding = {
        f.name
        for f in files
        if re.search(r'"uniform": \w+[,}]|put\("uniform"', f.read_text("utf-8"))
    }
    assert feeding == {"token_stream.py"}
