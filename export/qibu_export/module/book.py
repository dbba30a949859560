"""Who carries what from step to step: a book that the stand-in layers read and write."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

from torch import Tensor, nn


class Place(NamedTuple):
    """Where forward could carry a state: a module, which of its calls, which of its states."""

    path: str
    call: int
    part: str
    axis: int = 0


@dataclass(frozen=True)
class Seen:
    """What a run met at a place."""

    place: Place
    kind: str  # the module's class, or the function
    shape: tuple[int, ...]  # of the state
    length: int  # of the axis along which the layer walks
    given: Tensor | None = None  # what forward gave; None: nothing
    start: float = 0.0
    problem: str = ""  # why it can't be carried
    named: str = ""  # whom it is named after, if not its own module


class Book:
    """The states of one run of a module: taken where a layer begins, given where it ends."""

    def __init__(self) -> None:
        self.observing = False
        self.seen: list[Seen] = []
        self.padded: tuple[Tensor, list[Place]] | None = None  # what a padding gave last
        self.results: dict[Place, Tensor] = {}
        self._carried: Mapping[Place, Tensor] = {}
        self._origins: dict[Place, Place] = {}
        self.calls: Counter[tuple[str, str]] = Counter()  # of each module, by kind
        self._path: list[str] = []

    def __deepcopy__(self, memo: dict[int, object]) -> "Book":
        """Give an empty book: what a run left is no part of a module."""
        memo[id(self)] = book = Book()
        return book

    @contextmanager
    def open(self, carried: Mapping[Place, Tensor], observe: bool = False) -> Iterator[None]:
        """Begin a run with these states; `results` and `seen` then hold what it left."""
        self.observing, self._carried, self.padded = observe, carried, None
        self.seen, self.results, self._origins = [], {}, {}
        self.calls, self._path = Counter(), []
        try:
            yield
        finally:
            self._carried, self.padded = {}, None

    @property
    def path(self) -> str:
        """The module whose forward runs now."""
        return self._path[-1] if self._path else ""

    @property
    def inside(self) -> bool:
        """Whether a forward runs."""
        return bool(self._path)

    def carries(self, place: Place) -> bool:
        """Say whether the run has a state for this place."""
        return place in self._carried

    def next_call(self, path: str, kind: str) -> int:
        """Count a module's calls in this run, from 0."""
        self.calls[path, kind] += 1
        return self.calls[path, kind] - 1

    def take(self, seen: Seen) -> Tensor | None:
        """Give the state that is carried to a place, or what forward gave there."""
        place = seen.place
        for earlier, result in self.results.items():
            same = (earlier.path, earlier.part) == (place.path, place.part)
            if same and result is seen.given:  # forward goes on with this layer's own state
                self._origins[place] = self._origins.get(earlier, earlier)
                return seen.given
        if self.observing:
            self.seen.append(seen)
        return self._carried.get(place, seen.given)

    def name_after(self, places: Sequence[Place], path: str) -> None:
        """Name what was seen at some places after another module."""
        self.seen = [replace(s, named=path) if s.place in places else s for s in self.seen]

    def give(self, place: Place, state: Tensor) -> None:
        """Write down the state with which a place ends."""
        self.results[self._origins.get(place, place)] = state


class _Enter:
    """A hook, as an object so that a copied module's writes in the copied book."""

    def __init__(self, book: Book, path: str) -> None:
        self.book, self.path = book, path

    def __call__(self, *_: object) -> None:
        self.book._path.append(self.path)


class _Leave:
    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, *_: object) -> None:
        if self.book._path:
            self.book._path.pop()


def follow(model: nn.Module, book: Book) -> None:
    """Let the book know which module runs."""
    for path, module in model.named_modules():
        module.register_forward_pre_hook(_Enter(book, path))
        module.register_forward_hook(_Leave(book), always_call=True)
