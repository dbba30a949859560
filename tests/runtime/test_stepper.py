from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qibu import InputError, ModelFileError, NotStreamingError, State, Stepper

TOKENS = np.array([[15, 16, 20, 17], [18, 15, 30, 12], [21, 13, 14, 25]], np.int64)
# float32 rounding, since a batch is summed in another order
TOLERANCE = 1e-6


def test_state_carries_over_between_steps(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    whole, last = stepper.step({"tokens": TOKENS}, stepper.initial_state(3))
    state = stepper.initial_state(3)
    for time in range(4):
        outputs, state = stepper.step({"tokens": TOKENS[:, time : time + 1]}, state)
    np.testing.assert_allclose(outputs["logits"], whole["logits"], atol=TOLERANCE)
    np.testing.assert_allclose(state["h_in"], last["h_in"], atol=TOLERANCE)


@pytest.mark.parametrize("batch", [1, 3, 17])
def test_a_batch_gives_what_each_sequence_gives_alone(poem_file: Path, batch: int) -> None:
    stepper = Stepper(poem_file)
    tokens = np.random.default_rng(batch).integers(0, 30, (batch, 4))
    together, state = stepper.step({"tokens": tokens}, stepper.initial_state(batch))
    for row, alone_state in enumerate(state.split()):
        alone, after = stepper.step({"tokens": tokens[row : row + 1]}, stepper.initial_state())
        np.testing.assert_allclose(together["logits"][row], alone["logits"][0], atol=TOLERANCE)
        np.testing.assert_allclose(alone_state["h_in"], after["h_in"], atol=TOLERANCE)


def test_a_step_leaves_its_state_alone_so_it_can_be_forked_and_rewound(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    _, state = stepper.step({"tokens": TOKENS}, stepper.initial_state(3))
    before = state["h_in"].copy()
    one, _ = stepper.step({"tokens": TOKENS[:, :1]}, state)
    stepper.step({"tokens": TOKENS[:, 1:2]}, state)
    again, _ = stepper.step({"tokens": TOKENS[:, :1]}, state)
    assert np.array_equal(state["h_in"], before)
    assert np.array_equal(one["logits"], again["logits"])


def test_a_state_is_read_only(poem_file: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        Stepper(poem_file).initial_state()["h_in"][0] = 1


def test_stack_and_split_are_inverse(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    _, state = stepper.step({"tokens": TOKENS}, stepper.initial_state(3))
    assert np.array_equal(State.stack(state.split())["h_in"], state["h_in"])


def test_a_fork_repeats_every_sequence(poem_file: Path) -> None:
    stepper = Stepper(poem_file)
    _, state = stepper.step({"tokens": TOKENS}, stepper.initial_state(3))
    assert np.array_equal(state.fork(2)["h_in"], np.repeat(state["h_in"], 2, axis=1))


def test_a_saved_state_is_the_same_again(poem_file: Path, tmp_path: Path) -> None:
    stepper = Stepper(poem_file)
    _, state = stepper.step({"tokens": TOKENS}, stepper.initial_state(3))
    state.save(tmp_path / "s.npz")
    loaded = State.load(tmp_path / "s.npz")
    assert np.array_equal(loaded["h_in"], state["h_in"])
    stepper.step({"tokens": TOKENS}, loaded)


def test_state_of_another_model_is_an_error(poem_file: Path, digits_file: Path) -> None:
    with pytest.raises(InputError, match="another model"):
        Stepper(poem_file).step({"tokens": TOKENS}, Stepper(digits_file).initial_state(3))


def test_states_of_two_models_do_not_stack(poem_file: Path, digits_file: Path) -> None:
    with pytest.raises(InputError, match="one model"):
        State.stack([Stepper(f).initial_state() for f in (poem_file, digits_file)])


def test_a_bidirectional_file_refuses_to_step_and_says_why(bilateral_file: Path) -> None:
    stepper = Stepper(bilateral_file)
    with pytest.raises(NotStreamingError, match="reads the sequence from its end"):
        stepper.initial_state()
    rows = np.zeros((2, 28, 28), np.float32)
    assert stepper.run({"rows": rows})["probabilities"].shape == (2, 10)


@pytest.mark.parametrize(
    ("into", "out"),
    [
        ("h", "hn"),
        ("state", "stateN"),
        ("h0", "next_h0"),
        ("state0", "new_state0"),
        ("past_key", "present_key"),
        ("cache_in", "cache_out"),
    ],
)
def test_a_foreign_file_is_paired_by_name(
    foreign: Callable[..., Path], into: str, out: str
) -> None:
    stepper = Stepper(foreign((into, out)))
    state = stepper.initial_state(2)
    x = np.ones((2, 3), np.float32)
    for _ in range(3):
        outputs, state = stepper.step({"x": x}, state)
    assert np.array_equal(state[into], 3 * x)
    assert list(outputs) == ["y"]


def test_names_that_leave_a_doubt_ask_for_states(foreign: Callable[..., Path]) -> None:
    path = foreign(("h", "hn"), ("g", "h_next"))
    with pytest.raises(ModelFileError, match="states="):
        Stepper(path)
    stepper = Stepper(path, states={"h": "hn", "g": "h_next"})
    assert [pair.output for pair in stepper.pairs] == ["hn", "h_next"]


def test_no_state_is_an_error_that_lists_the_names(foreign: Callable[..., Path]) -> None:
    with pytest.raises(ModelFileError, match=r"no state found: inputs x, a; outputs y, b"):
        Stepper(foreign(("a", "b")))


def test_states_that_the_graph_lacks_are_an_error(foreign: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="'zz'"):
        Stepper(foreign(("a", "b")), states={"a": "zz"})
