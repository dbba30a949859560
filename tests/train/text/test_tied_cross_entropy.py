"""The cross-entropy by blocks against torch's."""

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from qibu_train.text import tied_cross_entropy
from qibu_train.text.tied_cross_entropy import summed_cross_entropy

HIDDEN_SIZE, VOCABULARY = 16, 50
ROWS = 512
COUNTS = [1, ROWS, 2 * ROWS + 3]  # rows of one block, exactly one, and more than two
RELATIVE = 1e-5  # sums of up to a thousand float32 terms, taken block by block


@pytest.fixture(autouse=True)
def _blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tied_cross_entropy, "LOGITS", ROWS * VOCABULARY)


def make_arguments(count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Give features, weight, bias and targets."""
    torch.manual_seed(0)
    return (
        torch.randn(count, HIDDEN_SIZE, requires_grad=True),
        torch.randn(VOCABULARY, HIDDEN_SIZE, requires_grad=True),
        torch.randn(VOCABULARY, requires_grad=True),
        torch.randint(VOCABULARY, (count,)),
    )


def torch_loss(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float = 0.0
) -> Tensor:
    logits = nn.functional.linear(features, weight, bias)
    return nn.functional.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)


def relative_error(found: Tensor, wanted: Tensor) -> float:
    """Give the largest difference as a share of the largest wanted value."""
    return ((found - wanted).abs().max() / wanted.abs().max()).item()


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("count", COUNTS)
def test_the_value_equals_torch(count: int, smoothing: float) -> None:
    arguments = (*make_arguments(count), smoothing)
    found, wanted = summed_cross_entropy(*arguments), torch_loss(*arguments)
    assert found.shape == ()
    assert relative_error(found, wanted) < RELATIVE


@pytest.mark.parametrize("which", [0, 1, 2], ids=["features", "weight", "bias"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("count", COUNTS)
def test_a_gradient_equals_torch(count: int, smoothing: float, which: int) -> None:
    arguments = make_arguments(count)
    # a scale, as training divides the sum by a count
    (found,) = torch.autograd.grad(
        summed_cross_entropy(*arguments, smoothing) / 7, arguments[which]
    )
    (wanted,) = torch.autograd.grad(torch_loss(*arguments, smoothing) / 7, arguments[which])
    assert relative_error(found, wanted) < RELATIVE


@torch.no_grad()
@pytest.mark.parametrize("count", COUNTS)
def test_the_value_is_the_same_where_no_gradient_is_wanted(count: int) -> None:
    arguments = make_arguments(count)
    found = summed_cross_entropy(*arguments)
    assert not found.requires_grad
    assert relative_error(found, torch_loss(*arguments)) < RELATIVE


@torch.no_grad()
def test_no_gradient_is_computed_where_none_is_wanted() -> None:
    arguments = make_arguments(10)
    with FlopCounterMode(display=False) as counter:
        summed_cross_entropy(*arguments)
    assert counter.get_total_flops() == 2 * 10 * HIDDEN_SIZE * VOCABULARY  # the logits alone


@pytest.mark.parametrize("which", [0, 1, 2], ids=["features", "weight", "bias"])
def test_a_gradient_under_bfloat16_is_near_torch_in_float32(which: int) -> None:
    arguments = make_arguments(ROWS + 3)
    with torch.autocast("cpu", torch.bfloat16):
        loss = summed_cross_entropy(*arguments)
    (found,) = torch.autograd.grad(loss, arguments[which])
    (wanted,) = torch.autograd.grad(torch_loss(*arguments), arguments[which])
    assert found.dtype == torch.float32
    # bfloat16 rounds by at most 2 ** -9 of a value; logits reach 15 here, which moves a
    # probability, and so its gradient, by up to 15 * 2 ** -9 = 3 %
    assert relative_error(found, wanted) < 0.03


def test_the_value_under_bfloat16_is_near_torch_in_float32() -> None:
    arguments = make_arguments(ROWS + 3)
    with torch.autocast("cpu", torch.bfloat16):
        found = summed_cross_entropy(*arguments)
    assert found.dtype == torch.float32
    # a term is off by some 2 ** -8 of its logits, up or down; the sum takes their mean
    assert relative_error(found, torch_loss(*arguments)) < 2**-8


def test_autocast_takes_products_in_bfloat16() -> None:
    features, weight, bias, targets = make_arguments(5)
    with torch.autocast("cpu", torch.bfloat16):
        found = summed_cross_entropy(features, weight, bias, targets)
    rounded = [part.bfloat16() for part in (features, weight)]
    logits = (rounded[0] @ rounded[1].T).float() + bias
    wanted = nn.functional.cross_entropy(logits, targets, reduction="sum")
    assert relative_error(found, wanted) < RELATIVE
