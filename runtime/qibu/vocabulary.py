"""The characters that a poem model knows, and its control tokens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import ModelFileError, UnknownCharacterError

UNKNOWN, TITLE, POEM, END = "<unk>", "<title>", "<poem>", "<end>"
BASE_CONTROLS = (UNKNOWN, TITLE, POEM, END)

OnUnknown = Literal["fail", "skip", "replace"]


def is_han(character: str) -> bool:
    """Say whether a character counts in the measure: U+3400..U+9FFF."""
    return "\u3400" <= character <= "\u9fff"


def form_token(form: str) -> str:
    """Name the control token of a form."""
    return f"<form:{form}>"


def author_token(author: str) -> str:
    """Name the control token of an author."""
    return f"<author:{author}>"


@dataclass(frozen=True)
class Vocabulary:
    """Token numbers: the control tokens first, then one a character.

    A prompt reads `[form] [author] [<title> characters] <poem>`, every part in brackets optional;
    the poem's characters follow, then `<end>`.
    """

    controls: tuple[str, ...]
    characters: str
    simplified: str  # the simplified twin of each character, in the same order
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        missing = [token for token in BASE_CONTROLS if token not in self.controls]
        if missing:
            raise ModelFileError(f"vocabulary lacks the control tokens {missing}")
        if len(self.simplified) != len(self.characters):
            raise ModelFileError(
                f"vocabulary has {len(self.characters)} characters "
                f"but {len(self.simplified)} simplified twins"
            )
        ids = {token: number for number, token in enumerate((*self.controls, *self.characters))}
        if len(ids) != len(self):
            raise ModelFileError("vocabulary has the same token twice")
        object.__setattr__(self, "_ids", ids)

    def __len__(self) -> int:
        return len(self.controls) + len(self.characters)

    def __contains__(self, token: str) -> bool:
        return token in self._ids

    def id(self, token: str) -> int:
        """Give the number of a character or control token; KeyError if there is none."""
        return self._ids[token]

    def get(self, token: str) -> int:
        """Give the number of a character or control token, or that of `<unk>`."""
        return self._ids.get(token, self._ids[UNKNOWN])

    def token(self, number: int) -> str:
        """Give the character or control token with this number."""
        if number < len(self.controls):
            return self.controls[number]
        return self.characters[number - len(self.controls)]

    def encode(self, text: str, on_unknown: OnUnknown = "fail") -> list[int]:
        """Turn characters into token numbers.

        Args:
            text: characters, no control tokens.
            on_unknown: what a character outside the vocabulary does: `fail` raises, `skip`
                leaves it out, `replace` puts `<unk>`.

        Raises:
            UnknownCharacterError: names the characters that the vocabulary lacks.
        """
        if on_unknown == "replace":
            return [self.get(character) for character in text]
        unknown = sorted({character for character in text if character not in self._ids})
        if unknown and on_unknown == "fail":
            raise UnknownCharacterError(
                f"the model doesn't know {'、'.join(unknown)}; leave them out, or say what to do "
                "with them: on_unknown='skip' or 'replace' (command line: --unknown skip)"
            )
        return [self._ids[character] for character in text if character in self._ids]

    def decode(self, numbers: Iterable[int], *, simplified: bool = False) -> str:
        """Turn token numbers into characters; control tokens give nothing."""
        first = len(self.controls)
        script = self.simplified if simplified else self.characters
        return "".join(script[number - first] for number in numbers if number >= first)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Vocabulary":
        """Rebuild a vocabulary from what `to_json` gave."""
        return cls(tuple(values["controls"]), values["characters"], values["simplified"])

    def to_json(self) -> dict[str, Any]:
        """Give the form that stands in the model file."""
        return {
            "controls": list(self.controls),
            "characters": self.characters,
            "simplified": self.simplified,
        }
