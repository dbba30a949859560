"""Drawings that a script makes: varied, whole, and to be read."""

from collections import Counter

import numpy as np
import pytest

import qibu
from drawings import mistakes, prepare
from qibu.quality.catalogue import catalogue
from strokes import SIDE, STYLES, draw_digits


def test_there_are_ten_drawings_of_each_digit_in_every_style() -> None:
    drawings = draw_digits()
    assert Counter(d.digit for d in drawings) == dict.fromkeys(range(10), 10)
    styles = {(digit, name) for digit, named in STYLES.items() for name, _ in named}
    assert {(d.digit, d.style) for d in drawings} == styles


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    one, same, other = (draw_digits(10, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a.grey, b.grey) for a, b in zip(one, same, strict=True))
    assert not any(np.array_equal(a.grey, b.grey) for a, b in zip(one, other, strict=True))


def test_a_drawing_is_black_on_a_white_canvas_and_not_cut() -> None:
    for drawing in draw_digits():
        assert drawing.grey.shape == (SIDE, SIDE) and drawing.grey.dtype == np.float32
        assert drawing.grey.min() == 0
        border = np.concatenate([drawing.grey[[0, -1]].ravel(), drawing.grey[:, [0, -1]].ravel()])
        assert (border == 1).all()


@pytest.mark.parametrize("name", [e.name for e in catalogue() if e.task == "digits"])
def test_a_bundled_model_reads_nearly_all_of_the_hundred_drawings(name: str) -> None:
    assert isinstance(qibu.load(name), qibu.DigitReader)
    assert mistakes(name, prepare(draw_digits())).total() <= 5
