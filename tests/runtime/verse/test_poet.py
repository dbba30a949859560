from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qibu import DigitReader, InputError, ModelFileError, Poet, Stepper, UnknownCharacterError
from qibu.text.sampling import Sampling
from qibu.text.seeded_random import uniform_numbers
from qibu.verse.forms import FORMS, Form, split_lines
from qibu.verse.poem_in_progress import LONGEST


@pytest.fixture
def poet(poem_file: Path) -> Poet:
    return Poet(Stepper(poem_file))


FIXED = [form for form in FORMS.values() if form.line_count]


@pytest.mark.parametrize("form", FIXED, ids=lambda form: form.name)
def test_a_fixed_form_always_has_its_shape(poet: Poet, form: Form) -> None:
    for poem in poet.compose_many(5, form.name):
        assert [len(line) for line in poem.lines] == [form.line_length] * (form.line_count or 0)


def test_a_free_form_comes_to_an_end(poet: Poet) -> None:
    assert len(poet.compose("雜言", seed=1).text) <= LONGEST


def test_the_same_seed_gives_the_same_poem(poet: Poet) -> None:
    assert poet.compose(seed=3) == poet.compose(seed=3)
    assert poet.compose(seed=3).text != poet.compose(seed=4).text


def test_a_stream_gives_what_compose_gives(poet: Poet) -> None:
    assert "".join(poet.stream("五律", seed=3)) == poet.compose("五律", seed=3).text


def test_an_unknown_character_is_named_with_the_choices(poet: Poet) -> None:
    with pytest.raises(UnknownCharacterError, match=r"A、龘.*skip.*replace"):
        poet.stream(start="春龘A")
    assert poet.compose(start="春龘A", seed=1, on_unknown="skip").text.startswith("春")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"form": "俳句"}, "七絕"),
        ({"author": "莎士比亞"}, "李白"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
    ],
)
def test_a_wrong_wish_is_an_error_before_the_first_character(
    poet: Poet, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        poet.stream(**arguments)


@pytest.mark.parametrize(
    "values", [{"temperature": 0}, {"temperature": float("nan")}, {"top_k": -1}, {"top_p": 0}]
)
def test_a_sampling_out_of_range_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(values))):
        Sampling(**values)


def test_a_model_of_the_other_task_is_an_error(poem_file: Path, digits_file: Path) -> None:
    with pytest.raises(ModelFileError, match="no text model"):
        Poet(Stepper(digits_file))
    with pytest.raises(ModelFileError, match="no digits model"):
        DigitReader(Stepper(poem_file))


def test_the_random_numbers_are_those_of_splitmix64() -> None:
    published = (6457827717110365317, 3203168211198807973, 9817491932198370423)
    found = [float(u) for u in islice(uniform_numbers(1234567), 3)]
    assert found == [(number >> 40) / 2**24 for number in published]


@given(st.integers(0, 2**64 - 1))
def test_random_numbers_are_below_one_and_exact_in_32_bits(seed: int) -> None:
    assert all(0 <= u < 1 and np.float32(u) == u for u in islice(uniform_numbers(seed), 20))


@pytest.mark.parametrize("skip", [0, 1, 63, 64, 65, 200])
def test_random_numbers_may_begin_anywhere(skip: int) -> None:
    later = list(islice(uniform_numbers(2**64 - 1, skip), 150))
    assert later == list(islice(uniform_numbers(2**64 - 1), skip, skip + 150))


@given(st.lists(st.text("春眠不覺", min_size=1, max_size=9), max_size=9))
def test_lines_are_found_again_between_punctuation(lines: list[str]) -> None:
    assert split_lines("，".join(lines)) == lines
