"""What stands before a poem: the control tokens that say of what kind it is to be.

A prompt reads `[dynasty] [form] [author] [<title> characters] <poem>`, every part in brackets
optional; the poem's characters follow, then `<end>`. Training, writing and measuring build it here.
"""

from collections.abc import Callable, Collection
from typing import Literal

from ..core.errors import InputError, ModelFileError
from ..text.vocabulary import OnUnknown, Vocabulary
from .controls import BASE_CONTROLS as BASE_CONTROLS
from .controls import POEM as POEM
from .controls import TITLE as TITLE
from .poem_corpus import Poem

PromptPart = Literal["form", "author", "title"]
TITLE_LIMIT = 20  # characters of a title that a model is given in training and when measured


def form_token(form: str) -> str:
    """Name the control token of a form."""
    return f"<form:{form}>"


def author_token(author: str) -> str:
    """Name the control token of an author."""
    return f"<author:{author}>"


def dynasty_token(dynasty: str) -> str:
    """Name the control token of a dynasty; a Tang poem needs none."""
    return f"<dynasty:{dynasty}>"


def names_of(vocabulary: Vocabulary, token: Callable[[str], str]) -> list[str]:
    """List the forms (`form_token`) or authors (`author_token`) that a vocabulary has."""
    before, after = token("|").split("|")
    return [
        control.removeprefix(before).removesuffix(after)
        for control in vocabulary.controls
        if control.startswith(before)
    ]


def want_poem_controls(vocabulary: Vocabulary) -> None:
    """Refuse the vocabulary of another text with a `ModelFileError`."""
    missing = [token for token in BASE_CONTROLS if token not in vocabulary.controls]
    if missing:
        raise ModelFileError(f"vocabulary lacks the control tokens {missing} of a poem model")


def encode_prompt(
    vocabulary: Vocabulary,
    form: str | None = None,
    author: str | None = None,
    title: str | None = None,
    on_unknown: OnUnknown = "fail",
) -> list[int]:
    """Give the tokens that stand before a poem.

    Args:
        vocabulary: a poem model's.
        form: what the model calls it, `Form.control`.
        author: a name in either script.
        title: characters in either script; of several traditional ones the commonest is read. An
            empty title is one without characters, None is no title.
        on_unknown: what a character of the title that the model doesn't know does.

    Raises:
        InputError: the model knows no such form or author.
        UnknownCharacterError: the title has a character that the model doesn't know.
    """
    tokens = []
    if form is not None:
        tokens.append(_named(vocabulary, "form", form, form_token))
    if author is not None:
        tokens.append(_named(vocabulary, "author", author, author_token))
    if title is not None:
        tokens.append(vocabulary.id(TITLE))
        tokens += [choice[0] for choice in vocabulary.read(title, on_unknown)]
    return [*tokens, vocabulary.id(POEM)]


def prompt_of(vocabulary: Vocabulary, poem: Poem, parts: Collection[PromptPart]) -> list[int]:
    """Give the prompt of a poem of the corpus, as a model is trained and measured with it.

    A dynasty or author without a token gives none; a title is cut at `TITLE_LIMIT`, and what the
    model doesn't know of it is `<unk>`.
    """
    known = "author" in parts and author_token(poem.author) in vocabulary
    dynasty = dynasty_token(poem.dynasty)
    before = [vocabulary.id(dynasty)] if dynasty in vocabulary else []
    return before + encode_prompt(
        vocabulary,
        poem.form.control if "form" in parts else None,
        poem.author if known else None,
        poem.title[:TITLE_LIMIT] if "title" in parts else None,
        "replace",
    )


def _named(vocabulary: Vocabulary, kind: str, value: str, token: Callable[[str], str]) -> int:
    """Give the control token of a name in either script."""
    if token(value) in vocabulary:
        return vocabulary.id(token(value))
    names = {vocabulary.simplify(name): name for name in names_of(vocabulary, token)}
    name = names.get(vocabulary.simplify(value))
    if name is None:
        raise InputError(
            f"the model knows no {kind} {value!r}; it knows {'、'.join(names.values())}"
        )
    return vocabulary.id(token(name))
