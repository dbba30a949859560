"""State as a value: it can be kept, forked, saved, stacked and split; nothing changes it."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Array
from .errors import InputError
from .files import atomic_path
from .model_file import StatePair

_HEADER = "__qibu__"
# what numpy and json raise on a file that is something else, or cut off
_BROKEN = (KeyError, TypeError, ValueError, OSError, EOFError, AttributeError, MemoryError)


class State(Mapping[str, Array]):
    """The state of a model between two steps, by input name; its arrays are read-only.

    Keeping an older state is a rewind, stepping one state twice is a fork.
    """

    def __init__(self, arrays: Mapping[str, Array], pairs: Sequence[StatePair], model: str) -> None:
        self._pairs = tuple(pairs)
        self.model = model  # SHA-256 of the weights, so that another model's state is noticed
        self._arrays = {}
        batches = set()
        for pair in self._pairs:
            if pair.input not in arrays:
                raise InputError(f"state lacks {pair.input!r}; it has {', '.join(arrays)}")
            array = arrays[pair.input].view()
            wanted = [size if size is not None else "batch" for size in pair.shape]
            fits = array.ndim == len(pair.shape) and all(
                size is None or size == got
                for size, got in zip(pair.shape, array.shape, strict=True)
            )
            if not fits or array.dtype != pair.dtype:
                raise InputError(
                    f"state {pair.input!r} must be {wanted} {pair.dtype}, "
                    f"got {list(array.shape)} {array.dtype}"
                )
            batches |= {n for n, size in zip(array.shape, pair.shape, strict=True) if size is None}
            array.flags.writeable = False
            self._arrays[pair.input] = array
        if len(batches) > 1:
            raise InputError(f"state has arrays of different batches: {sorted(batches)}")
        self.batch = batches.pop() if batches else 1

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {list(array.shape)}" for name, array in self.items())
        return f"State({sizes})"

    def _with(self, arrays: Mapping[str, Array]) -> "State":
        return State(arrays, self._pairs, self.model)

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
        """Give one state a sequence, each of batch 1."""
        return [
            self._with({p.input: self[p.input].take([row], _axis(p)) for p in self._pairs})
            for row in range(self.batch)
        ]

    @staticmethod
    def stack(states: Sequence["State"]) -> "State":
        """Join the states of one model into one batch, in the order given.

        Raises:
            InputError: there is none, or they belong to different models.
        """
        if not states:
            raise InputError("stack needs at least one state, got none")
        first = states[0]
        for other in states[1:]:
            if other.model != first.model or other._pairs != first._pairs:
                raise InputError(
                    "stack needs states of one model, "
                    f"got {first.model[:12]} and {other.model[:12]}"
                )
        return first._with(
            {
                pair.input: np.concatenate([state[pair.input] for state in states], _axis(pair))
                for pair in first._pairs
            }
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state as `.npz`, whole or not at all."""
        final = Path(path)
        if final.suffix != ".npz":
            raise InputError(f"a state is saved as .npz, got {str(path)!r}")
        header = {"model": self.model, "pairs": [asdict(pair) for pair in self._pairs]}
        with atomic_path(final) as temporary, temporary.open("wb") as stream:
            contents: dict[str, Any] = {_HEADER: np.array(json.dumps(header)), **self._arrays}
            np.savez(stream, **contents)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "State":
        """Read what `save` wrote.

        Raises:
            InputError: the file is missing or isn't a saved state.
        """
        from tokenize import TokenError  # numpy parses an array's header as Python does
        from zipfile import BadZipFile  # only here: starting is quicker without it

        try:
            # a stream of our own, since numpy leaves its open where the file is cut
            with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as content:
                arrays = {name: content[name] for name in content.files}
            header = json.loads(str(arrays.pop(_HEADER)))
            pairs = [StatePair(**{**p, "shape": tuple(p["shape"])}) for p in header["pairs"]]
            return cls(arrays, pairs, header["model"])
        except FileNotFoundError as error:
            raise InputError(f"no state file {os.fspath(path)!r}") from error
        except (*_BROKEN, BadZipFile, TokenError) as error:
            raise InputError(f"{os.fspath(path)} is not a saved state: {error}") from error


def _axis(pair: StatePair) -> int:
    if pair.batch_axis is None:
        raise InputError(f"state {pair.input!r} has a fixed shape {list(pair.shape)}, no batch")
    return pair.batch_axis
