"""What applications with one recurrent network say of it: its cell, its layers, its hidden size."""

from dataclasses import dataclass

from .errors import ModelFileError
from .model_file import ModelSpec


@dataclass(frozen=True)
class RecurrentPart:
    """A stack of equal recurrent layers."""

    cell: str
    num_layers: int
    hidden_size: int


def read_recurrent_part(spec: ModelSpec) -> RecurrentPart:
    """Read the fields of a part that its schema has passed.

    Raises:
        ModelFileError: a state has another shape than layers and hidden size want.
    """
    part = RecurrentPart(*(spec.part[name] for name in ("cell", "num_layers", "hidden_size")))
    for pair in spec.states:
        if pair.shape != (part.num_layers, None, part.hidden_size) or pair.batch_axis != 1:
            raise ModelFileError(
                f"state {pair.input!r} has shape {list(pair.shape)}, "
                f"want [{part.num_layers}, null, {part.hidden_size}] with the batch in the middle"
            )
    return part
