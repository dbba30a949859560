"""A run on pictures that begins with another model's weights."""

from collections.abc import Mapping

from torch import Tensor

from qibu.core.errors import InputError
from qibu.pictures.picture_format import MNIST, PictureFormat

from ..core.initial_weights import StoredWeights


def initial_weights(
    stored: StoredWeights, fresh: Mapping[str, Tensor], extra: PictureFormat
) -> dict[str, Tensor]:
    """Take a model's weights; those of the answers only where it has the same classes.

    Raises:
        InputError: its rows have another width.
    """
    recurrent = stored.recurrent()
    width = recurrent["rnn.weight_ih_l0"].shape[1]
    if width != extra.width:
        raise InputError(
            f"--init {stored.name} reads rows of {width} pixels, these pictures have "
            f"{extra.width}; have them scaled with --set size={width}xHEIGHT, or leave --init"
        )
    note = stored.metadata.get("ports", {}).get("probabilities", {})
    if tuple(note.get("labels", MNIST.labels)) != extra.labels:
        return {**fresh, **recurrent}
    head = {"head.weight": stored.tensor("head_weight"), "head.bias": stored.tensor("output_bias")}
    return {**fresh, **recurrent, **head}
