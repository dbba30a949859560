"""The loss of a text: the cross-entropy of each token after those before it."""

from torch import Tensor

from .network import TextNetwork
from .tied_cross_entropy import summed_cross_entropy

IGNORED = -100  # a target that counts in no loss: padding, and what is given


def summed_loss(
    network: TextNetwork, features: Tensor, targets: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Sum the cross-entropy, in nats, over all targets but the ignored.

    Args:
        network: has the output layer.
        features: (batch, time, hidden), what it reads.
        targets: (batch, time) int64.
        smoothing: share of each target that is spread evenly over the vocabulary.
    """
    # by steps, as the layers leave them in memory
    features, targets = features.transpose(0, 1).flatten(0, 1), targets.T.flatten()
    counted = (targets != IGNORED).nonzero()[:, 0]
    if len(counted) < len(targets):
        features, targets = features.index_select(0, counted), targets[counted]
    return summed_cross_entropy(
        features, network.embedding.weight, network.bias, targets, smoothing
    )
