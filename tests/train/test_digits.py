"""Digits as batches, with augmentation, and an accuracy."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from qibu_train.digits import DigitTask, augment
from qibu_train.networks import DigitNetwork
from qibu_train.presets import TrainConfig

TRAINING = 100  # of the made-up pictures; 40 more are for the validation


@pytest.fixture
def task(digit_config: TrainConfig, digit_folder: Path) -> DigitTask:
    return DigitTask(digit_config, digit_folder)


def test_an_epoch_holds_every_training_picture_once(task: DigitTask) -> None:
    assert sorted(torch.cat(task.plan(0)).tolist()) == list(range(TRAINING))
    assert task.epoch_units(0) == TRAINING


def test_the_same_epoch_has_the_same_plan(task: DigitTask) -> None:
    assert torch.cat(task.plan(1)).equal(torch.cat(task.plan(1)))


def test_another_epoch_has_another_plan(task: DigitTask) -> None:
    assert not torch.cat(task.plan(0)).equal(torch.cat(task.plan(1)))


def test_a_process_without_a_share_of_a_batch_adds_nothing(task: DigitTask) -> None:
    network = DigitNetwork("lstm", 8, 1)
    loss = task.loss(network, *task.collate(torch.arange(0)))
    assert loss.item() == 0
    gradients = torch.autograd.grad(loss, list(network.parameters()))
    assert not any(gradient.any() for gradient in gradients)


def test_a_plan_leaves_the_random_numbers_of_the_run_alone(task: DigitTask) -> None:
    before = torch.get_rng_state()
    task.plan(0)
    assert before.equal(torch.get_rng_state())


def test_no_augmentation_leaves_the_pictures_alone(
    digit_config: TrainConfig, digit_folder: Path
) -> None:
    task = DigitTask(replace(digit_config, augment=0.0), digit_folder)
    first, _ = task.collate(torch.arange(3))
    again, _ = task.collate(torch.arange(3))
    assert first.equal(again)


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


@torch.no_grad()
def test_the_accuracy_is_the_share_of_right_validation_pictures(task: DigitTask) -> None:
    network = DigitNetwork("rnn", 4, 1).eval()
    network.head.weight.zero_()
    network.head.bias.copy_(torch.arange(10.0))  # says nine to everything
    _, labels = task.collate(torch.arange(TRAINING, TRAINING + 40))
    assert task.validate(network)["accuracy"] == (labels == 9).sum().item() / 40
