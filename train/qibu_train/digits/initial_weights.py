"""A digit run that begins with another model's weights."""

from collections.abc import Mapping

from torch import Tensor

from ..core.initial_weights import StoredWeights


def initial_weights(
    stored: StoredWeights, fresh: Mapping[str, Tensor], extra: None
) -> dict[str, Tensor]:
    """Take a model's weights, all of them."""
    head = {"head.weight": stored.tensor("head_weight"), "head.bias": stored.tensor("output_bias")}
    return {**fresh, **stored.recurrent(), **head}
