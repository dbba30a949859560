"""Handwriting changed at random: the same to look at for a reader, never the same for a network."""

import pytest
import torch
from torch import Tensor

from qibu_train.pictures.strokes import affine_looks, augment, elastic_looks, redraw


@pytest.fixture
def strokes() -> Tensor:
    """Give eight pictures of one upright stroke, three pixels wide."""
    pictures = torch.zeros(8, 28, 28)
    pictures[:, 5:23, 12:15] = 1
    return pictures


def test_augmentation_of_no_strength_is_the_identity() -> None:
    pictures = torch.rand(3, 28, 28)
    # bilinear sampling at the pixel centres, whose coordinates are rounded in float32
    torch.testing.assert_close(augment(pictures, 0.0), pictures, atol=1e-5, rtol=0)


def test_augmentation_gives_ink_of_the_same_shape_and_range() -> None:
    augmented = augment(torch.rand(3, 28, 28), 1.0)
    assert augmented.shape == (3, 28, 28)
    assert augmented.min() >= 0 and augmented.max() <= 1


def test_each_picture_is_augmented_by_its_own_amount() -> None:
    first, second = augment(torch.rand(1, 28, 28).expand(2, 28, 28), 1.0)
    assert not torch.allclose(first, second, atol=0.1)


def test_the_pictures_given_stay_as_they_are(strokes: Tensor) -> None:
    before = strokes.clone()
    augment(strokes, 1.0)
    assert strokes.equal(before)


def test_a_quarter_gets_a_wider_pen_and_a_quarter_a_narrower_one(strokes: Tensor) -> None:
    ink = redraw(strokes, 1.0).sum((1, 2))
    before = strokes[0].sum()
    assert (ink[:2] > before).all() and (ink[2:4] < before).all() and (ink[4:] == before).all()


def test_a_sheet_is_pulled_alike_everywhere() -> None:
    torch.manual_seed(0)
    pulled = elastic_looks(4000, 1.0, 28, 28).std(0) * 14  # in pixels
    # a standard deviation of 4000 numbers is off by 1 % of itself, five times that for 1568 of them
    assert pulled.min() > 0.8 * 0.94 and pulled.max() < 0.8 * 1.06


def test_no_pixel_looks_further_than_the_limits_allow() -> None:
    torch.manual_seed(0)
    moved = (affine_looks(500, 1.0, 28, 28) - affine_looks(1, 0.0, 28, 28)) * 14  # in pixels
    # 14 pixels from the centre: 2 of shift, 14 * 0.12 of scale, 14 * (0.21 + 0.2) of turn and shear
    assert 4 < moved.abs().max() < 2 + 14 * 0.12 + 14 * 0.41 + 0.4


def test_a_wide_picture_keeps_its_size_and_turns_without_being_stretched() -> None:
    pictures = torch.zeros(200, 12, 40)
    pictures[:, 5:7, 10:30] = 1
    torch.manual_seed(0)
    augmented = augment(pictures, 0.5)
    assert augmented.shape == pictures.shape
    # 6 degrees over 10 pixels to either side are one pixel down: the bar stays near its rows
    assert augmented[:, 2:10].sum() > 0.97 * augmented.sum()
