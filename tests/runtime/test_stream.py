from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qibu import InputError, Stepper, Stream
from qibu.core.arrays import Array

STEPS = 40


def test_a_stream_gives_bit_for_bit_what_stepping_gives(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    random = np.random.default_rng(0)
    state = stepper.initial_state(3)
    stream = Stream(stepper, state)
    for step in range(STEPS):
        feeds: dict[str, Array] = {
            "tokens": random.integers(0, 30, (3, 1 + step % 3)),
            "uniform": random.random(3, np.float32),
            "top_k": np.array([1 + step % 5]),
        }
        outputs, state = stepper.step(feeds, state)
        for name, value in feeds.items():
            stream.put(name, value)
        stream.step()
        assert {n: a.tolist() for n, a in stream.outputs.items()} == {
            n: a.tolist() for n, a in outputs.items()
        }
        assert np.array_equal(stream.state()["h_in"], state["h_in"])


def test_the_state_given_and_the_states_taken_stay_as_they_are(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    _, start = stepper.step({"tokens": [[15]]}, stepper.initial_state())
    before = start["h_in"].copy()
    stream = Stream(stepper, start)
    stream.step()
    taken = stream.state()
    kept = taken["h_in"].copy()
    stream.step()
    assert np.array_equal(start["h_in"], before)
    assert np.array_equal(taken["h_in"], kept)
    assert not np.array_equal(stream.state()["h_in"], kept)


def test_a_buffer_written_in_place_is_read_when_it_is_put(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    stream = Stream(stepper, stepper.initial_state())
    bias = stream.buffer("bias")
    for token in (9, 13):
        bias[:] = -np.inf
        bias[0, token] = 0
        stream.put("bias", bias)
        stream.step()
        assert stream.fetch("token") == [token]


def test_a_model_without_metadata_streams_too(foreign: Callable[..., Path]) -> None:
    stepper = Stepper(foreign(("h", "hn")))
    state, stream = stepper.initial_state(2), Stream(stepper, stepper.initial_state(2))
    for step in range(STEPS):
        x = np.full((2, 3), step, np.float32)
        outputs, state = stepper.step({"x": x}, state)
        stream.step({"x": x})
        assert np.array_equal(stream.fetch("y"), outputs["y"])
    assert np.array_equal(stream.state()["h"], state["h"])


def test_another_model_s_state_is_an_error(poem_file: Path, digits_file: Path) -> None:
    with pytest.raises(InputError, match="another model"):
        Stream(Stepper(poem_file), Stepper(digits_file).initial_state())
