import struct
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest

from qibu.core.errors import InputError, UnknownCharacterError
from qibu_demo.look.logic import (
    StateHistory,
    begin,
    layers_over_time,
    loaded,
    saved,
    states_of_rows,
)
from qibu_demo.page.bundled import the_poet, the_reader
from qibu_demo.page.limits import MOMENTS, STATE_BYTES
from qibu_demo.page.views import fork_view, history_view


def written(opening: str = "春", seed: int = 7) -> StateHistory:
    history = begin(the_poet(), "七絕", seed, 0.8).read(the_poet(), opening)
    return [history, *history.run(the_poet())][-1]


def test_the_same_seed_writes_the_same_and_ends() -> None:
    whole = written()
    assert whole.text == written().text != written(seed=8).text
    assert whole.ended and whole.step(the_poet()) is whole


def test_stepping_back_and_on_writes_the_same_again() -> None:
    whole = written()
    history = whole.back(5)
    for _ in range(5):
        history = history.step(the_poet())
    assert history.text == whole.text
    np.testing.assert_array_equal(
        history.moments[-1].state["h_in"], whole.moments[-1].state["h_in"]
    )


def test_a_fork_keeps_what_came_before_and_leaves_the_history_as_it_was() -> None:
    whole = written()
    text = whole.text
    forked = whole.what_if(the_poet(), 3, "雲")
    assert forked.text[:3] == text[:2] + "雲"
    assert whole.text == text
    assert whole.what_if(the_poet(), 3, text[2]).text == text


def test_simplified_characters_are_read_as_the_model_knows_them() -> None:
    assert begin(the_poet(), "七絕", 7, 0.8).read(the_poet(), "风").text == "風"


def test_a_saved_state_goes_on_as_if_it_had_never_left() -> None:
    whole = written()
    state = loaded(saved(whole.moments[2].state), the_poet())
    again = StateHistory(state, (), 7, 0.8, loaded=True).read(the_poet(), whole.text[3:6])
    np.testing.assert_array_equal(again.moments[-1].state["c_in"], whole.moments[5].state["c_in"])


@pytest.mark.parametrize("position, character", [(0, "雲"), (99, "雲"), (1, ""), (1, "雲雲")])
def test_a_fork_wants_a_place_and_one_character(position: int, character: str) -> None:
    with pytest.raises(InputError, match=r"position|character"):
        written().what_if(the_poet(), position, character)


def test_unknown_characters_and_too_many_are_refused() -> None:
    with pytest.raises(UnknownCharacterError):
        begin(the_poet(), None, 7, 0.8).read(the_poet(), "😀")
    with pytest.raises(InputError, match="room for"):
        begin(the_poet(), None, 7, 0.8).read(the_poet(), "春" * (MOMENTS + 1))


def bomb() -> bytes:
    data = BytesIO()
    np.savez_compressed(data, h_in=np.zeros(STATE_BYTES, np.float32))
    return data.getvalue()


def with_array(header: bytes) -> bytes:
    """A saved state whose first array says of itself what is given, and has no numbers."""
    data = BytesIO()
    with ZipFile(data, "w") as archive:
        archive.writestr("h_in.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    return data.getvalue()


def huge_shape() -> bytes:
    return with_array(b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }\n")


def broken_header() -> bytes:
    return with_array(b"{'descr': (\n")


def other_model() -> bytes:
    return saved(the_reader().stepper.initial_state())


def batch_of_two() -> bytes:
    return saved(the_poet().stepper.initial_state(2))


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"no state", b"x" * (STATE_BYTES + 1), bomb(), huge_shape(), broken_header(),
     other_model(), batch_of_two()],
    ids=["empty", "cut", "text", "large", "bomb", "shape", "header", "model", "batch"],
)  # fmt: skip
def test_what_is_no_state_of_the_model_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as error:
        loaded(data, the_poet())
    assert "/" not in str(error.value)  # no path of the server


def test_the_layers_are_laid_out_over_time() -> None:
    history = written()
    layers = layers_over_time([moment.state for moment in history.moments])
    assert set(layers) == {"h_in", "c_in"}
    assert layers["h_in"].shape == (2, 512, len(history.text))
    shown = history_view(history, "en")
    assert shown.count("<img") == 4 and f'data-steps="{len(history.text)}"' in shown


def test_a_digit_leaves_a_state_for_each_row() -> None:
    *_, states = states_of_rows(the_reader(), np.zeros((28, 28), np.float32))
    assert len(states) == 28


def test_a_fork_is_shown_as_text() -> None:
    history = written()
    assert "<script" not in fork_view(history, history, 1, "<script>", "en")
