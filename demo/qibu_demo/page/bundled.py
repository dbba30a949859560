"""The models that the page shows, each opened once, when first asked for.

They are those that come with the package, or one that `qibu demo --model` names.
"""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import qibu
from qibu.core.errors import InputError
from qibu.verse.prompt import author_token

Model = TypeVar("Model", qibu.Poet, qibu.Reader)
_lock = Lock()  # two visitors who come first mustn't open a model twice
_own: dict[str, Any] = {}  # the one model that the page is for, by its name, if it is for one


def show_only(name: str, model: Any) -> None:
    """Let the page be for one model, whatever `qibu.load` made of it."""
    _own.clear()
    _own[name] = model


@cache
def _opened(name: str) -> Any:
    return qibu.load(name)


def opened(name: str) -> Any:
    """Give a model of the page, ready to be stepped.

    Raises:
        InputError: the page has none of that name; a path never is one.
    """
    if name in _own:
        return _own[name]
    if name not in qibu.bundled_models():
        raise InputError(f"no model {name!r}; there are {', '.join(qibu.bundled_models())}")
    with _lock:
        return _opened(name)


def the_poet(name: str | None = None) -> qibu.Poet:
    """Give a model that writes poems; None: the first.

    Raises:
        InputError: there is no such model, or it does something else.
    """
    return _of_kind(name, qibu.Poet, poets())


def the_reader(name: str | None = None) -> qibu.Reader:
    """Give a model that reads pictures; None: the first.

    Raises:
        InputError: there is no such model, or it does something else.
    """
    return _of_kind(name, qibu.Reader, readers())


def _of_kind(name: str | None, kind: type[Model], names: Sequence[str]) -> Model:
    model = opened(names[0] if name is None else name)
    if not isinstance(model, kind):
        raise InputError(f"{name} is of another kind; give one of {', '.join(names)}")
    return model


def poets() -> list[str]:
    """Name the models that write poems: the page's own, or the bundled ones, "poem" first."""
    return _names("poem", qibu.Poet)


def readers() -> list[str]:
    """Name the models that read pictures: the page's own, or the bundled ones, "digits" first."""
    return _names("digits", qibu.Reader)


def _names(first: str, kind: type[Any]) -> list[str]:
    own = [name for name, model in _own.items() if isinstance(model, kind)]
    if own:
        return own
    # a bundled name begins with what the model does: nothing has to be opened to know it
    names = [name for name in qibu.bundled_models() if name.partition("-")[0] == first]
    return sorted(names, key=lambda name: (name != first, name))


def authors() -> list[str]:
    """Name the poets in whose manner the first model writes."""
    return the_poet().names(author_token)
