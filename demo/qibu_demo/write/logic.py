"""What a visitor wishes of a poem, checked, and the poem."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

import qibu
from qibu.core.errors import InputError
from qibu.verse.forms import FORMS

from ..page.bundled import authors, the_poet
from ..page.limits import check_number, check_text

SCRIPTS = ("traditional", "simplified")


@dataclass(frozen=True)
class Wish:
    """A poem as wished; the same wish gives the same poem.

    Raises:
        InputError: a number is out of its range, or a text too long or unknown.
    """

    form: str = "七絕"
    start: str = ""
    acrostic: str = ""
    rhyme: str = ""
    title: str = ""
    author: str = ""
    temperature: float = 0.8
    top_p: float = 0.9
    seed: int = 7
    script: str = "traditional"
    best_of: int = 1

    def __post_init__(self) -> None:
        for name in ("form", "start", "acrostic", "rhyme", "title", "author", "script"):
            object.__setattr__(self, name, check_text(name, getattr(self, name)))
        for name in ("temperature", "top_p", "seed", "best_of"):
            value = check_number(name, getattr(self, name))
            whole = name in ("seed", "best_of")
            if whole and value != int(value):
                raise InputError(f"{name} must be a whole number, got {value!r}")
            object.__setattr__(self, name, int(value) if whole else float(value))
        if self.script not in SCRIPTS:
            raise InputError(f"script must be {' or '.join(SCRIPTS)}, got {self.script!r}")

    def query(self) -> str:
        """Give the part of a link that reopens this poem; what is as usual is left out."""
        usual = asdict(Wish())
        differing = {name: value for name, value in asdict(self).items() if value != usual[name]}
        return urlencode({**differing, "seed": self.seed})


def wish_of(query: Mapping[str, str]) -> Wish:
    """Read a link's query; what can't be read stays as usual, so that no link breaks the page."""
    wish = Wish()
    for name, usual in asdict(wish).items():
        if name in query:
            try:
                wish = replace(wish, **{name: type(usual)(query[name])})
            except ValueError:  # InputError is one
                continue
    if wish.form not in FORMS:
        wish = replace(wish, form=Wish.form)
    return wish if wish.author in ("", *authors()) else replace(wish, author="")


def heading(wish: Wish) -> str:
    """Give what stands above a poem in an author's manner; nothing where nobody is asked for."""
    return the_poet().heading(wish.author, wish.script) if wish.author else ""


def stream(wish: Wish) -> Iterator[str]:
    """Write the poem, giving a character at a time, punctuation included.

    Raises:
        InputError: a wish can't be had, before the first character.
    """
    if wish.best_of > 1:
        return iter(compose(wish).text)
    return the_poet().stream(wish.form, seed=wish.seed, sampling=_sampling(wish), **_wishes(wish))


def compose(wish: Wish) -> qibu.Composition:
    """Write the whole poem; with `best_of`, the best of so many.

    Raises:
        InputError: a wish can't be had.
    """
    return the_poet().compose(
        wish.form,
        seed=wish.seed,
        sampling=_sampling(wish),
        best_of=wish.best_of,
        **_wishes(wish),
    )


def _sampling(wish: Wish) -> qibu.Sampling:
    return qibu.Sampling(temperature=wish.temperature, top_p=wish.top_p)


def _wishes(wish: Wish) -> qibu.Wishes:
    return {
        "start": wish.start,
        "acrostic": wish.acrostic,
        "rhyme": wish.rhyme or None,
        "title": wish.title or None,
        "author": wish.author or None,
        "script": "simplified" if wish.script == "simplified" else "traditional",
    }
