"""The models that come with the package, each opened once, when first asked for."""

from functools import cache
from threading import Lock

import qibu
from qibu.core.errors import InputError
from qibu.verse.prompt import author_token

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
        InputError: there is no such model, or it reads digits.
    """
    poet = opened(name)
    if not isinstance(poet, qibu.Poet):
        raise InputError(f"{name} reads digits; give one of {', '.join(poets())}")
    return poet


def the_reader(name: str = "digits") -> qibu.DigitReader:
    """Give a model that reads digits.

    Raises:
        InputError: there is no such model, or it writes.
    """
    reader = opened(name)
    if not isinstance(reader, qibu.DigitReader):
        raise InputError(f"{name} writes poems; give one of {', '.join(readers())}")
    return reader


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
