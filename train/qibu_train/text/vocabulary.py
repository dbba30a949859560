"""A vocabulary in a checkpoint."""

from collections.abc import Mapping
from typing import Any

from qibu.text.vocabulary import Vocabulary


def write_vocabulary(vocabulary: Vocabulary) -> dict[str, Any]:
    """Give plain values."""
    return {"vocabulary": vocabulary.to_json()}


def read_vocabulary(values: Mapping[str, Any]) -> Vocabulary:
    """Read what `write_vocabulary` gave."""
    return Vocabulary.from_json(values["vocabulary"])
