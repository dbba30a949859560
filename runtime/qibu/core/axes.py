"""Which axis of an input is the batch."""

from collections.abc import Mapping, Sequence

from .port import Port, StatePair


def batch_axes_of_data(
    inputs: Sequence[Port], pairs: Sequence[StatePair]
) -> Mapping[str, int | None]:
    return {p.name: 0 if p.axes and not isinstance(p.axes[0], int) else None for p in inputs}


def fixed_batch(inputs: Sequence[Port], pairs: Sequence[StatePair]) -> int | None:
    return None
