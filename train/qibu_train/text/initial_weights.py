"""A run that begins with another text model's weights."""

from collections.abc import Mapping

import torch
from torch import Tensor

from qibu.core.errors import ModelFileError
from qibu.text.vocabulary import Vocabulary

from ..core.initial_weights import StoredWeights


def stored_vocabulary(stored: StoredWeights) -> Vocabulary:
    """Give the vocabulary of a model.

    Raises:
        ModelFileError: it has none.
    """
    values = stored.task_metadata.get("vocabulary")
    if not values:
        raise ModelFileError(f"{stored.name} has no vocabulary; export it with `qibu export`")
    return Vocabulary.from_json(values)


def initial_weights(
    stored: StoredWeights, fresh: Mapping[str, Tensor], vocabulary: Vocabulary
) -> dict[str, Tensor]:
    """Take a model's weights; a token that it doesn't know keeps its fresh row and bias."""
    theirs = stored_vocabulary(stored)
    tokens = [vocabulary.token(number) for number in range(len(vocabulary))]
    known = torch.tensor([token in theirs for token in tokens])
    rows = torch.tensor([theirs.id(token) for token in tokens if token in theirs])
    weights = {**fresh, **stored.recurrent()}
    if stored.input_table is not None:
        # in 8 bits the first layer reads shares of the embedding's largest number, times its scale
        largest = stored.tensor("embedding").abs().max()
        weights["rnn.weight_ih_l0"] /= largest * stored.hidden_size**0.5
    for name, constant in (("embedding.weight", "embedding"), ("bias", "output_bias")):
        weights[name] = fresh[name].clone()
        weights[name][known] = stored.tensor(constant)[rows]
    return weights
