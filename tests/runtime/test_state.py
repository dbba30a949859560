from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qibu import InputError, State, StatePair
from qibu.core.arrays import Float32Array

PAIRS = (StatePair("h_in", "h_out", (2, None, 3)),)


@st.composite
def arrays(draw: st.DrawFn) -> Float32Array:
    batch = draw(st.integers(1, 5))
    values = st.floats(width=32)  # infinities and NaN too
    listed = draw(st.lists(values, min_size=6 * batch, max_size=6 * batch))
    return np.array(listed, np.float32).reshape(2, batch, 3)


@settings(deadline=None, max_examples=50)
@given(arrays())
def test_a_saved_state_is_the_same_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, array: Float32Array
) -> None:
    path = tmp_path_factory.mktemp("state") / "s.npz"
    State({"h_in": array}, PAIRS, "m").save(path)
    assert State.load(path)["h_in"].tobytes() == array.tobytes()


@given(arrays())
def test_stacking_what_was_split_gives_the_same(array: Float32Array) -> None:
    state = State({"h_in": array}, PAIRS, "m")
    assert State.stack(state.split())["h_in"].tobytes() == array.tobytes()


@given(arrays(), st.integers(1, 4))
def test_every_part_of_a_fork_is_its_origin(array: Float32Array, count: int) -> None:
    state = State({"h_in": array}, PAIRS, "m")
    parts = state.fork(count).split()
    for part, row in zip(parts, np.repeat(range(state.batch), count), strict=True):
        assert part["h_in"].tobytes() == array[:, [row]].tobytes()


def test_a_state_saved_by_a_machine_of_another_byte_order_is_read(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    array = np.arange(6, dtype=np.float32).reshape(2, 1, 3)
    State({"h_in": array}, PAIRS, "m").save(path)
    with np.load(path) as content:
        turned = {name: part.astype(part.dtype.newbyteorder(">")) for name, part in content.items()}
    np.savez(path, **turned)
    assert State.load(path)["h_in"].tobytes() == array.tobytes()


def test_an_array_of_another_shape_is_an_error() -> None:
    with pytest.raises(InputError, match=r"\[2, 'batch', 3\]"):
        State({"h_in": np.zeros((1, 1, 3), np.float32)}, PAIRS, "m")
