"""The poems as the corpus files hold them: reading, cleaning, the split."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Literal

from ..core.errors import DataError
from .forms import LINE_END, LOST, Form, form_of, split_lines

Split = Literal["train", "validation", "test"]
Dynasty = Literal["tang", "song"]

_ASIDE = re.compile("（[^）]*）")
_NOT_HAN = re.compile("[^\u3400-\u9fff]")
_DAMAGED = re.compile("[□A-Za-z0-9]")
_WHOLE = re.compile(f"[{LINE_END}\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]*")


@dataclass(frozen=True)
class Poem:
    """One poem of the corpus."""

    author: str
    title: str
    text: str  # with punctuation
    split: Split
    dynasty: Dynasty = "tang"

    @property
    def form(self) -> Form:
        """The form by the shape of its lines."""
        return form_of(split_lines(self.text))

    @property
    def is_whole(self) -> bool:
        """Whether nothing stands for a lost or unencoded character: no 囗, ●, ⿰, private ones."""
        return LOST not in self.text and _WHOLE.fullmatch(self.text) is not None


def split_of(key: str) -> Split:
    """Name the split that a poem belongs to by the MD5 of its Han characters."""
    bucket = int(md5(key.encode(), usedforsecurity=False).hexdigest(), 16) % 100
    if bucket < 3:
        return "test"
    return "validation" if bucket < 5 else "train"


def _is_damaged(text: str) -> bool:
    # Ps and Pe are Unicode's opening and closing brackets, corner brackets and title marks too
    return bool(_DAMAGED.search(text)) or any(
        unicodedata.category(character) in ("Ps", "Pe") for character in text
    )


def poem_files(folder: Path, dynasty: Dynasty = "tang") -> list[Path]:
    """List the corpus files of one dynasty in the order of their numbers.

    Raises:
        DataError: there are none.
    """
    files = sorted(
        folder.glob(f"poet.{dynasty}.*.json"), key=lambda path: int(path.suffixes[-2][1:])
    )
    if not files:
        option = " --song" if dynasty == "song" else ""
        raise DataError(
            f"{folder} has no poet.{dynasty}.*.json; get them with `qibu fetch poems{option}`"
        )
    return files


def read_poems(folder: Path, *, song: bool = False) -> Iterator[Poem]:
    """Read the clean poems, each text once: the Tang corpus, then with `song` the Song corpus.

    What stands in parentheses is left out; so is a poem with a gap (□), Latin letters, digits
    or brackets, or with the same Han characters as an earlier one.
    """
    dynasties: tuple[Dynasty, ...] = ("tang", "song") if song else ("tang",)
    files = [(path, dynasty) for dynasty in dynasties for path in poem_files(folder, dynasty)]
    seen: set[str] = set()
    for path, dynasty in files:
        try:
            records = json.loads(path.read_text("utf-8"))
            entries = [(r["author"], r["title"], "".join(r["paragraphs"])) for r in records]
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(
                f"{path} is not a list of poems ({error}); get it anew with `qibu fetch poems`"
            ) from error
        for author, title, raw in entries:
            text = _ASIDE.sub("", raw)
            key = _NOT_HAN.sub("", text)
            if not key or key in seen or _is_damaged(text):
                continue
            seen.add(key)
            yield Poem(author, title, text, split_of(key), dynasty)


def is_measured(poem: Poem) -> bool:
    """Say whether the perplexity per character counts a poem: 20 to 132 characters of text."""
    return 20 <= len(poem.text) <= 132
