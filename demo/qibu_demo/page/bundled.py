"""The models that the page has: those of the package, opened when first asked for, and own ones."""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import TypeVar

import qibu
from qibu.core.errors import InputError
from qibu.verse.prompt import author_token

Model = TypeVar("Model", qibu.Poet, qibu.Reader)
_lock = Lock()  # two visitors who come first mustn't open a model twice


_own: dict[str, qibu.Poet | qibu.Reader] = {}  # by name: what the page was started with


def offer(name: str, model: qibu.Poet | qibu.Reader) -> None:
    """Have the page show somebody's own model, in the place of the bundled ones of its kind."""
    _own[name] = model


@cache
def _opened(name: str) -> qibu.Poet | qibu.Reader:
    model: qibu.Poet | qibu.Reader = qibu.load(name)
    return model


def opened(name: str) -> qibu.Poet | qibu.Reader:
    """Give a model of the page's, ready to be stepped.

    Raises:
        InputError: none has that name; a path never is one.
    """
    if name in _own:
        return _own[name]
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


def the_reader(name: str = "digits") -> qibu.Reader:
    """Give a model that reads pictures.

    Raises:
        InputError: there is no such model, or it does something else.
    """
    return _of_kind(name, qibu.Reader, readers())


def _of_kind(name: str, kind: type[Model], names: Sequence[str]) -> Model:
    model = opened(name)
    if not isinstance(model, kind):
        raise InputError(f"{name} is of another kind; give one of {', '.join(names)}")
    return model


def poets() -> list[str]:
    """Name the bundled models that write, the one called "poem" first."""
    return _names("poem")


def readers() -> list[str]:
    """Name the models that read pictures: an own one, else the bundled, "digits" first."""
    own = [name for name, model in _own.items() if isinstance(model, qibu.Reader)]
    return own or _names("digits")


def _names(first: str) -> list[str]:
    # a bundled name begins with what the model does: nothing has to be opened to know it
    names = [name for name in qibu.bundled_models() if name.partition("-")[0] == first]
    return sorted(names, key=lambda name: (name != first, name))


def authors() -> list[str]:
    """Name the poets in whose manner the bundled model writes."""
    return the_poet().names(author_token)
