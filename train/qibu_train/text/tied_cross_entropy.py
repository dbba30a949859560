"""Cross-entropy of a large vocabulary without ever holding all logits."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

LOGITS = 3 << 20  # at a time: few enough to stay in a CPU's cache


class _TiedCrossEntropy(torch.autograd.Function):
    """Sum of -ln softmax(x W' + b)[target], its gradient taken in the same pass."""

    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        dtype: torch.dtype,
        needs_gradient: bool,
        smoothing: float,
    ) -> Tensor:
        x, w = features.to(dtype), weight.to(dtype)
        if needs_gradient:
            x_gradient = torch.empty_like(x)
            w_gradient, b_gradient = torch.zeros_like(weight), torch.zeros_like(bias)
        total = torch.zeros((), device=features.device)
        at_once = max(1, LOGITS // len(w))
        for start in range(0, len(x), at_once):
            rows = slice(start, start + at_once)
            target = targets[rows, None]
            logits = torch.log_softmax((x[rows] @ w.T).float() + bias, 1)
            total -= (1 - smoothing) * logits.gather(1, target).sum()
            if smoothing:
                total -= smoothing * logits.mean(1).sum()
            if needs_gradient:
                error = logits.exp_()  # softmax - smoothed one_hot(target)
                if smoothing:
                    error -= smoothing / len(w)
                error.scatter_add_(1, target, error.new_full(target.shape, smoothing - 1))
                b_gradient += error.sum(0)
                error = error.to(dtype)
                torch.mm(error, w, out=x_gradient[rows])
                w_gradient += error.T @ x[rows]
        if needs_gradient:
            ctx.save_for_backward(x_gradient.to(features.dtype), w_gradient, b_gradient)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (scale,) = gradients
        # in place: what was kept is needed once, and new memory takes longer than the product
        x, w, b = (kept.mul_(scale) for kept in ctx.saved_tensors)
        return x, w, b, None, None, None, None


def summed_cross_entropy(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Sum the cross-entropy, in nats, of the logits `features @ weight.T + bias`.

    Args:
        features: (n, hidden) floating point.
        weight: (vocabulary, hidden) float32.
        bias: (vocabulary,) float32.
        targets: (n,) int64.
        smoothing: share of each target that is spread evenly over the vocabulary.

    Returns:
        A scalar float32. Products are taken in autocast's type, sums in float32.
    """
    device = features.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype
    with torch.autocast(device, enabled=False):
        apply: Callable[..., Tensor] = _TiedCrossEntropy.apply
        return apply(features, weight, bias, targets, dtype, torch.is_grad_enabled(), smoothing)
