"""The models that come with the package, each opened once, when first asked for."""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import TypeVar

import qibu
from qibu.core.errors import InputError
from qibu.verse.prompt import author_token

Model = TypeVar("Model", qibu.Poet, qibu.DigitReader)
_lock = Lock()  # two visitors who come first mustn't open a model twice


@cache
def _opened(name: str) -> qibu.Poet | qibu.DigitReader:
    model: qibu.Poet | qibu.DigitReader = qibu.load(name)
    return model


def opened(name: str) -> qibu.Poet | qibu.DigitReader:
    """Give a bundled model, ready to be stepped.

    Raises:
        InputError: no model of that name is bundled; a path never is one.
    """
    if name not in qibu.bundled_models():
        raise InputError(f"no model {name!r}; there are {', '.join(qibu.bundled_models())}")
    with _lock:
        return _opened(name)


def the_poet(name: str = "poem") -> qibu.Poet:
    """Give a model that writes.

    Raises:
        InputError: there is no such model, or it does something else.
    """
    return _of_kind(name, qibu.Poet, poets())


def the_reader(name: str = "digits") -> qibu.DigitReader:
    """Give a model that reads digits.

    Raises:
        InputError: there is no such model, or it does something else.
    """
    return _of_kind(name, qibu.DigitReader, readers())


def _of_kind(name: str, kind: type[Model], names: Sequence[str]) -> Model:
    model = opened(name)
    if not isinstance(model, kind):
        raise InputError(f"{name} is of another kind; give one of {', '.join(names)}")
    return model


def poets() -> list[str]:
    """Name the bundled models that write, the one called "poem" first."""
    return _names("poem")


def readers() -> list[str]:
    """Name the bundled models that read digits, the one called "digits" first."""
    return _names("digits")


def _names(first: str) -> list[str]:
    # a bundled name begins with what the model does: nothing has to be opened to know it
    names = [name for name in qibu.bundled_models() if name.partition("-")[0] == first]
    return sorted(names, key=lambda name: (name != first, name))


def authors() -> list[str]:
    """Name the poets in whose manner the bundled model writes."""
    return the_poet().names(author_token)
