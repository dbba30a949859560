"""Digits as batches, with augmentation, and an accuracy."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from qibu.core.errors import InputError
from qibu_train.digits.config import DigitConfig
from qibu_train.digits.task import digit_task
from qibu_train.pictures.network import PictureNetwork
from qibu_train.pictures.task import PictureTask

TRAINING = 100  # of the made-up pictures; 40 more are for the validation


@pytest.fixture
def task(digit_config: DigitConfig, digit_folder: Path) -> PictureTask:
    return digit_task(digit_config, digit_folder)


def test_an_epoch_holds_every_training_picture_once(task: PictureTask) -> None:
    assert sorted(torch.cat(task.plan(0)).tolist()) == list(range(TRAINING))
    assert task.epoch_units(0) == TRAINING


def test_the_same_epoch_has_the_same_plan(task: PictureTask) -> None:
    assert torch.cat(task.plan(1)).equal(torch.cat(task.plan(1)))


def test_another_epoch_has_another_plan(task: PictureTask) -> None:
    assert not torch.cat(task.plan(0)).equal(torch.cat(task.plan(1)))


def test_a_process_without_a_share_of_a_batch_adds_nothing(task: PictureTask) -> None:
    network = PictureNetwork("lstm", 8, 1)
    loss = task.loss(network, *task.collate(torch.arange(0)))
    assert loss.item() == 0
    gradients = torch.autograd.grad(loss, list(network.parameters()))
    assert not any(gradient.any() for gradient in gradients)


def test_a_plan_leaves_the_random_numbers_of_the_run_alone(task: PictureTask) -> None:
    before = torch.get_rng_state()
    task.plan(0)
    assert before.equal(torch.get_rng_state())


def test_no_augmentation_leaves_the_pictures_alone(
    digit_config: DigitConfig, digit_folder: Path
) -> None:
    task = digit_task(replace(digit_config, augment=0.0), digit_folder)
    first, _ = task.collate(torch.arange(3))
    again, _ = task.collate(torch.arange(3))
    assert first.equal(again)


@torch.no_grad()
def test_the_accuracy_is_the_share_of_right_validation_pictures(task: PictureTask) -> None:
    network = PictureNetwork("rnn", 4, 1).eval()
    network.head.weight.zero_()
    network.head.bias.copy_(torch.arange(10.0))  # says nine to everything
    _, labels = task.collate(torch.arange(TRAINING, TRAINING + 40))
    assert task.validate(network)["accuracy"] == (labels == 9).sum().item() / 40


@torch.no_grad()
def test_the_accuracy_is_told_after_each_row(digit_config: DigitConfig, digit_folder: Path) -> None:
    task = digit_task(replace(digit_config, cell="gru", augment=0.0), digit_folder)
    network = PictureNetwork("gru", 4, 1).eval()
    pictures, labels = task.collate(torch.arange(TRAINING, TRAINING + 40))
    figures = task.validate(network)
    for row in (1, 10, 28):
        right = network(pictures[:, :row])[0].argmax(1) == labels
        assert figures["accuracy_by_row"][row - 1] == right.sum().item() / 40
    assert figures["accuracy"] == figures["accuracy_by_row"][-1]


def test_a_network_that_reads_both_ways_has_one_accuracy(task: PictureTask) -> None:
    assert set(task.validate(PictureNetwork("bilstm", 4, 1).eval())) == {"accuracy", "loss"}


def test_the_rows_share_the_loss_with_the_last(
    digit_config: DigitConfig, digit_folder: Path
) -> None:
    config = replace(digit_config, cell="gru", row_loss=0.25)
    task = digit_task(config, digit_folder)
    network = PictureNetwork("gru", 4, 1).eval()
    pictures, labels = task.collate(torch.arange(5))
    rows = [
        nn.functional.cross_entropy(network(pictures[:, : row + 1])[0], labels, reduction="sum")
        for row in range(28)
    ]
    by_row = sum((row + 1) * loss.item() for row, loss in enumerate(rows)) / sum(range(29))
    wanted = 0.75 * rows[-1].item() + 0.25 * by_row
    assert task.loss(network, pictures, labels).item() == pytest.approx(wanted, rel=1e-5)


def test_a_loss_by_row_and_a_cell_that_reads_both_ways_contradict_each_other(
    digit_config: DigitConfig,
) -> None:
    with pytest.raises(InputError, match="row_loss must be 0 for cell 'bilstm'"):
        replace(digit_config, row_loss=0.1)
