"""Arrays inside JSON: values in base64, little-endian, whole or every n-th of them."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array
from .errors import ModelFileError


@dataclass(frozen=True, eq=False)
class Packed:
    """Some values of an array: all of them where `every` is 1."""

    shape: tuple[int, ...]
    every: int
    values: Array  # (n,), each `every`-th of the flattened array

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Packed)
            and (self.shape, self.every) == (other.shape, other.every)
            and self.values.dtype == other.values.dtype
            and np.array_equal(self.values, other.values, equal_nan=self.values.dtype.kind == "f")
        )

    __hash__ = None  # type: ignore[assignment] # an array has none

    def array(self) -> Array:
        """Give the whole array.

        Raises:
            ModelFileError: only some values were kept.
        """
        if self.every != 1:
            raise ModelFileError(f"only every {self.every}th value of the array was kept")
        return self.values.reshape(self.shape)

    def of(self, array: Array) -> Array:
        """Give the same places of another array."""
        return np.ravel(array)[:: self.every]


def pack(array: Array) -> dict[str, Any]:
    """Give an array as it stands in the document."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    data = base64.b64encode(little.tobytes()).decode()
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": data}


def unpack(packed: Mapping[str, Any], where: str) -> Packed:
    """Read an array of a document that its schema has passed.

    Raises:
        ModelFileError: the data has another length than shape and type want.
    """
    dtype, shape, every = np.dtype(packed["dtype"]), tuple(packed["shape"]), packed.get("every", 1)
    size = 1
    for length in shape:
        size *= length  # whole numbers of Python's: no overflow
    wanted = -(-size // every) * dtype.itemsize
    if len(packed["data"]) > 4 * (wanted // 3 + 1):
        raise ModelFileError(f"{where} must have {wanted} bytes of data, got more")
    try:
        data = base64.b64decode(packed["data"], validate=True)
    except binascii.Error as error:
        raise ModelFileError(f"{where} has data that isn't base64: {error}") from error
    if len(data) != wanted:
        raise ModelFileError(f"{where} must have {wanted} bytes of data, got {len(data)}")
    values = np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype, copy=False)
    return Packed(shape, every, values)
