"""State as a value: it can be kept, forked, saved, stacked and split; nothing changes it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from .arrays import Array
from .errors import InputError
from .files import atomic_path
from .identity import ModelIdentity
from .port import StatePair


class State(Mapping[str, Array]):
    """The state of a model between two steps, by input name; its arrays are read-only.

    Keeping an older state is a rewind, stepping one state twice is a fork.
    """

    __slots__ = ("_arrays", "_batch", "_model", "_pairs")

    def __init__(
        self,
        arrays: Mapping[str, Array],
        pairs: Sequence[StatePair],
        model: ModelIdentity | str,
    ) -> None:
        self._pairs = pairs if isinstance(pairs, tuple) else tuple(pairs)
        self._model = model
        self._arrays: dict[str, Array] = {}
        batch = None
        for pair in self._pairs:
            if pair.input not in arrays:
                raise InputError(
                    f"state lacks {pair.input!r}; it has {', '.join(arrays) or 'none'}"
                )
            array = arrays[pair.input]
            if array.flags.writeable:
                array = array.view()
                array.flags.writeable = False
            if not _fits(array, pair):
                raise InputError(
                    f"state {pair.input!r} must be {_wanted(pair)} {pair.dtype}, "
                    f"got {list(array.shape)} {array.dtype}"
                )
            if pair.batch_axis is not None:
                here = array.shape[pair.batch_axis]
                if batch is not None and here != batch:
                    raise InputError(f"state has arrays of different batches: {batch} and {here}")
                batch = here
            self._arrays[pair.input] = array
        self._batch = 1 if batch is None else batch

    def _after(
        self, arrays: Sequence[Array], pairs: tuple[StatePair, ...], model: ModelIdentity
    ) -> "State":
        """Give the state after a step, of arrays that nobody else holds, in the states' order.

        Where shapes and types are as they were, nothing is checked again.
        """
        kept: dict[str, Array] = {}
        for (name, before), array in zip(self._arrays.items(), arrays, strict=True):
            if array.shape != before.shape or array.dtype is not before.dtype:
                named = dict(zip(self._arrays, arrays, strict=True))
                return State(named, pairs, model)
            array.setflags(write=False)
            kept[name] = array
        after = object.__new__(State)
        after._pairs, after._model = pairs, model
        after._arrays, after._batch = kept, self._batch
        return after

    @property
    def model(self) -> str:
        """The SHA-256 of the model that the state is of: of its file and what that loads."""
        return str(self._model)

    @property
    def batch(self) -> int:
        """How many sequences there are."""
        return self._batch

    def is_of(self, model: ModelIdentity) -> bool:
        """Say whether the state is of a model."""
        return self._model is model or self._model == model

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {list(array.shape)}" for name, array in self.items())
        return f"State({sizes})"

    def __reduce__(self) -> tuple[object, ...]:
        return State.from_bytes, (self.to_bytes(),)  # what is unpacked is checked, and read-only

    def _with(self, arrays: Mapping[str, Array]) -> "State":
        return State(arrays, self._pairs, self._model)

    def copy(self) -> "State":
        """Give the same state in memory of its own."""
        return self._with({name: array.copy() for name, array in self.items()})

    def fork(self, count: int) -> "State":
        """Give every sequence `count` times, side by side: batch times `count`.

        Raises:
            InputError: count is below 1, or the graph fixes the batch.
        """
        if count < 1:
            raise InputError(f"count must be at least 1, got {count}")
        return self._with({p.input: np.repeat(self[p.input], count, _axis(p)) for p in self._pairs})

    def split(self) -> list["State"]:
        """Give one state a sequence, each of batch 1.

        Raises:
            InputError: the graph fixes the batch.
        """
        return [
            self._with({p.input: self[p.input].take([row], _axis(p)) for p in self._pairs})
            for row in range(self.batch)
        ]

    @staticmethod
    def stack(states: Sequence["State"]) -> "State":
        """Join the states of one model into one batch, in the order given.

        Raises:
            InputError: there is none, they belong to different models, the graph fixes the batch,
                or caches of different lengths don't join.
        """
        if not states:
            raise InputError("stack needs at least one state, got none")
        first = states[0]
        for other in states[1:]:
            same = other._model is first._model or other._model == first._model
            if not same or other._pairs != first._pairs:
                raise InputError(
                    "stack needs states of one model, "
                    f"got {first.model[:12]} and {other.model[:12]}"
                )
        joined = {}
        for pair in first._pairs:
            arrays, axis = [state[pair.input] for state in states], _axis(pair)
            sizes = {array.shape[:axis] + array.shape[axis + 1 :] for array in arrays}
            if len(sizes) > 1:
                raise InputError(
                    f"state {pair.input!r} has different lengths, {sorted(sizes)}: states stack "
                    "after equally many steps only"
                )
            joined[pair.input] = np.concatenate(arrays, axis)
        return first._with(joined)

    def to_bytes(self) -> bytes:
        """Give the state as bytes: versioned, with the model's digest and a checksum, no pickle."""
        from .state_bytes import encode  # only for what sends states away

        return encode(self, self._pairs, self.model)

    @classmethod
    def from_bytes(cls, data: bytes) -> "State":
        """Read what `to_bytes` gave.

        Raises:
            InputError: the bytes are no state, of a newer version, cut short or altered.
        """
        from .state_bytes import decode

        return cls(*decode(data))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state as `.npz`, whole or not at all."""
        from .state_bytes import write_npz

        final = Path(path)
        if final.suffix != ".npz":
            raise InputError(f"a state is saved as .npz, got {str(path)!r}")
        with atomic_path(final) as temporary:
            write_npz(temporary, self, self._pairs, self.model)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "State":
        """Read what `save` wrote.

        Raises:
            InputError: the file is missing or isn't a saved state.
        """
        from .state_bytes import read_npz

        try:
            return cls(*read_npz(Path(path)))
        except InputError as error:
            raise InputError(f"{os.fspath(path)} is not a saved state: {error}") from error


def _fits(array: Array, pair: StatePair) -> bool:
    if array.ndim != len(pair.shape) or array.dtype != pair.dtype:
        return False
    for got, size in zip(array.shape, pair.shape, strict=True):
        if size is not None and size != got:
            return False
    return True


def _wanted(pair: StatePair) -> list[int | str]:
    return [
        size if size is not None else "batch" if axis == pair.batch_axis else "any"
        for axis, size in enumerate(pair.shape)
    ]


def _axis(pair: StatePair) -> int:
    if pair.batch_axis is None:
        raise InputError(f"state {pair.input!r} has no batch axis: its shape is {_wanted(pair)}")
    return pair.batch_axis
