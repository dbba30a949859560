"""The characters that a text model knows, and its control tokens."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ..core.errors import ModelFileError, UnknownCharacterError

UNKNOWN, START, END = "<unk>", "<start>", "<end>"

OnUnknown = Literal["fail", "skip", "replace"]


@dataclass(frozen=True)
class Vocabulary:
    """Token numbers: the control tokens first, `<unk>` among them, then one a character.

    What other control tokens there are is a matter of what is written; many texts end in `<end>`.
    """

    controls: tuple[str, ...]
    characters: str
    simplified: str  # the simplified twin of each character, in the same order
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if UNKNOWN not in self.controls:
            raise ModelFileError(
                f"vocabulary lacks the control token {UNKNOWN}, which stands for what it doesn't "
                f"know; it has {list(self.controls)}"
            )
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
        if on_unknown == "fail":
            _want_known(text, self._ids)
        return [self._ids[character] for character in text if character in self._ids]

    @cached_property
    def _readings(self) -> dict[str, tuple[int, ...]]:
        readings: dict[str, tuple[int, ...]] = {}
        for number, twin in enumerate(self.simplified, len(self.controls)):
            readings[twin] = (*readings.get(twin, ()), number)
        for character in self.characters:
            readings.setdefault(character, (self._ids[character],))
        return readings

    def read(self, text: str, on_unknown: OnUnknown = "fail") -> list[tuple[int, ...]]:
        """Turn characters of either script into token numbers, commonest first.

        A text in which some character is traditional alone is taken to be so altogether; else a
        character may be the simplified one of several.

        Raises:
            UnknownCharacterError: as in `encode`.
        """
        readings = self._readings
        if self.simplify(text) != text:
            return [(number,) for number in self.encode(text, on_unknown)]
        if on_unknown == "fail":
            _want_known(text, readings)
        if on_unknown == "replace":
            return [readings.get(character, (self._ids[UNKNOWN],)) for character in text]
        return [readings[character] for character in text if character in readings]

    @cached_property
    def _twins(self) -> Mapping[int, str]:
        twins = zip(self.characters, self.simplified, strict=True)
        return {ord(character): twin for character, twin in twins}

    def simplify(self, text: str) -> str:
        """Write a text in simplified characters, one for each."""
        return text.translate(self._twins)

    def decode(self, numbers: Iterable[int], *, simplified: bool = False) -> str:
        """Turn token numbers into characters; control tokens give nothing."""
        first = len(self.controls)
        script = self.simplified if simplified else self.characters
        return "".join(script[number - first] for number in numbers if number >= first)

    def spelling(self, *, simplified: bool = False) -> Sequence[str]:
        """List what each token number is written as; control tokens are empty."""
        return self._spellings[simplified]

    @cached_property
    def _spellings(self) -> tuple[Sequence[str], Sequence[str]]:
        """Both scripts, since every text begins with one of them."""
        controls = ("",) * len(self.controls)
        return (*controls, *self.characters), (*controls, *self.simplified)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Vocabulary":
        """Rebuild a vocabulary from what `to_json` gave."""
        characters = values["characters"]
        return cls(tuple(values["controls"]), characters, values.get("simplified", characters))

    def to_json(self) -> dict[str, Any]:
        """Give the form that stands in the model file."""
        twins = {} if self.simplified == self.characters else {"simplified": self.simplified}
        return {"controls": list(self.controls), "characters": self.characters, **twins}


def _want_known(text: str, known: Container[str]) -> None:
    unknown = sorted({character for character in text if character not in known})
    if unknown:
        raise UnknownCharacterError(
            f"the model doesn't know {'、'.join(unknown)}; leave them out, or say what to do "
            "with them: on_unknown='skip' or 'replace' (command line: --unknown skip)"
        )
