"""What the inputs of a text model must be beyond their shapes: a wrong one gives no wrong token."""

from collections.abc import Mapping

import numpy as np

from ..core.arrays import Array
from ..core.errors import InputError


def check_text_inputs(feeds: Mapping[str, Array], vocabulary_size: int) -> None:
    """Check token numbers and what the sampler is told.

    Raises:
        InputError: names the input, the value found and the values wanted.
    """
    tokens, top_k, bias = feeds["tokens"], feeds["top_k"], feeds["bias"]
    for name, holds, wanted in (
        ("tokens", (tokens >= 0) & (tokens < vocabulary_size), f"0..{vocabulary_size - 1}"),
        ("temperature", (feeds["temperature"] > 0) & np.isfinite(feeds["temperature"]), "above 0"),
        (
            "top_k",
            (top_k >= 1) & (top_k <= vocabulary_size),
            f"1..{vocabulary_size}",
        ),
        ("top_p", (feeds["top_p"] > 0) & (feeds["top_p"] <= 1), "above 0 and at most 1"),
        ("uniform", (feeds["uniform"] >= 0) & (feeds["uniform"] < 1), "in [0, 1)"),
    ):
        if not holds.all():
            raise InputError(f"input {name!r} must be {wanted}, got {feeds[name][~holds][0]}")
    if not np.isfinite(bias).any(axis=1).all() or bias.max() == np.inf:
        raise InputError("input 'bias' must allow a token in every row, and be below infinity")
