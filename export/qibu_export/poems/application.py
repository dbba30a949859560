"""How poem networks become files."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from opencc import OpenCC

from qibu.text.vocabulary import Vocabulary
from qibu_train.core.checkpoint import Checkpoint

from ..text.application import text_kind


def add_simplified(vocabulary: Vocabulary) -> Vocabulary:
    """Give each character its simplified twin by OpenCC, one to one."""
    convert = OpenCC("t2s").convert
    twins = [convert(character) for character in vocabulary.characters]
    pairs = zip(vocabulary.characters, twins, strict=True)
    simplified = "".join(twin if len(twin) == 1 else character for character, twin in pairs)
    return replace(vocabulary, simplified=simplified)


def _part(checkpoint: Checkpoint) -> Mapping[str, Any]:
    return {"vocabulary": add_simplified(checkpoint.extra).to_json()}


KIND = text_kind(_part)
