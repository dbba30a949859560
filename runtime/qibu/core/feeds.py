"""What may be fed to a graph: each input checked against its port, and copied only if need be."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from .arrays import Array
from .errors import InputError
from .port import Port


class Feed:
    """The check of one input.

    Args:
        port: of the graph.
        batch_axis: the axis that must have as many rows as the state has sequences; None: none.
        takes_empty: says whether the graph bears an input without a value in it.
        default: the number that fills the input where it is left out; None: it can't be.
    """

    def __init__(
        self,
        port: Port,
        batch_axis: int | None = None,
        takes_empty: Callable[[], bool] = bool,
        default: float | None = None,
    ) -> None:
        self.port, self.default = port, default
        self._batch_axis = batch_axis
        self._takes_empty = takes_empty
        self._dtype = None if port.dtype is None else np.dtype(port.dtype)
        self._is_float = self._dtype is not None and self._dtype.kind == "f"
        self._shape = port.shape
        self._good: tuple[tuple[int, ...], int] | None = None  # shape and batch that fitted last

    def fit(self, value: npt.ArrayLike, batch: int) -> Array:
        """Give the input as the graph takes it.

        Raises:
            InputError: its shape, type or batch is wrong, or it has NaN.
        """
        array: Array = value if type(value) is np.ndarray else np.asarray(value)
        if (array.shape, batch) != self._good:
            self._check_shape(array, batch)
        if array.dtype is not self._dtype and array.dtype != self._dtype:
            array = self._converted(array)
        if self._is_float:
            # a sum of squares is NaN where a number is, and quicker than looking at each
            squares = np.vdot(array, array) if array.size < 4096 else None
            if squares is None or squares != squares:
                self._want_numbers(array)
        return array

    def fill(self, batch: int) -> Array:
        """Give the input's default for a number of sequences.

        Raises:
            InputError: it has none.
        """
        if self.default is None:
            raise InputError(f"input {self.port} is missing")
        sizes = [
            size if size is not None else batch if axis == self._batch_axis else 1
            for axis, size in enumerate(self._shape)
        ]
        return np.full(sizes, self.default, self._dtype)

    def _check_shape(self, array: Array, batch: int) -> None:
        sizes: list[int | str] = [size if size is not None else "any" for size in self._shape]
        if self._batch_axis is not None:
            sizes[self._batch_axis] = batch
        fits = array.ndim == len(sizes) and all(
            size in ("any", got) for size, got in zip(sizes, array.shape, strict=True)
        )
        if not fits or (0 in array.shape and not self._takes_empty()):
            raise InputError(
                f"input {self.port.name!r} must be {sizes} {self.port.dtype}, "
                f"got shape {list(array.shape)}{': it is empty' if 0 in array.shape else ''}"
            )
        self._good = array.shape, batch

    def _converted(self, array: Array) -> Array:
        wanted = self._dtype
        if wanted is None:
            raise InputError(f"input {self.port} has a type that numpy can't feed")
        texts = wanted.kind == "O" and array.dtype.kind in "UO"
        whole = wanted.kind in "iu" and array.dtype.kind in "iu"  # held against the values below
        if not (texts or whole or np.can_cast(array.dtype, wanted, "same_kind")):
            raise InputError(f"input {self.port.name!r} must be {wanted}, got {array.dtype}")
        converted: Array = array.astype(wanted)
        if wanted.kind in "iu" and not (converted == array).all():
            raise InputError(
                f"input {self.port.name!r} must be {wanted}, "
                f"got {array[converted != array].flat[0]}, which it can't hold"
            )
        return converted

    def _want_numbers(self, array: Array) -> None:
        if np.isnan(array).any():
            where = np.argwhere(np.isnan(array))[0].tolist()
            raise InputError(f"input {self.port.name!r} has NaN at {where}")


class Feeds:
    """The checks of all inputs of a graph besides its states."""

    def __init__(
        self,
        feeds: Mapping[str, Feed],
        check: Callable[[Mapping[str, Array]], None] | None = None,
    ) -> None:
        self._feeds = feeds
        self._check = check

    def fit(self, inputs: Mapping[str, npt.ArrayLike], batch: int) -> dict[str, Array]:
        """Give all inputs as the graph takes them, defaults filled in.

        Raises:
            InputError: an input is missing, unknown, NaN, or has a wrong shape, type or batch.
        """
        fitted = {}
        for name, value in inputs.items():
            feed = self._feeds.get(name)
            if feed is None:
                raise InputError(f"no input {name!r}; there are {', '.join(self._feeds)}")
            fitted[name] = feed.fit(value, batch)
        if len(fitted) < len(self._feeds):
            for name, feed in self._feeds.items():
                if name not in fitted:
                    fitted[name] = feed.fill(batch)
        if self._check is not None:
            self._check(fitted)
        return fitted
