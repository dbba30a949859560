"""The text part of a model file: its vocabulary, and the network that it is of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from ..core.applications import CheckFeeds
from ..core.errors import ModelFileError
from ..core.model_file import ModelSpec
from ..core.port import Port
from ..core.recurrent_part import RecurrentPart, read_recurrent_part
from ..core.schema import check_schema, read_schema
from .alphabet import Alphabet, Unit, alphabet_of
from .sampler_inputs import check_text_inputs
from .vocabulary import Vocabulary

INPUTS = frozenset({"tokens", "bias", "temperature", "top_k", "top_p", "uniform"})
OUTPUTS = frozenset({"token", "logits"})


@dataclass(frozen=True)
class TextPart:
    """What a text model's file says beyond what every file does."""

    network: RecurrentPart
    vocabulary: Vocabulary
    unit: Unit  # what a token stands for
    alphabet: Alphabet


def read_text_part(
    spec: ModelSpec, inputs: Mapping[str, Port], outputs: Mapping[str, Port]
) -> TextPart:
    """Read the part and hold it against the graph.

    Raises:
        ModelFileError: it is broken, or the vocabulary has another size than the logits.
    """
    check_schema(spec.part, read_schema(__package__, "text.schema.json"), f"'qibu'.{spec.task}")
    vocabulary = Vocabulary.from_json(spec.part["vocabulary"])
    if outputs["logits"].shape[-1] != len(vocabulary):
        raise ModelFileError(
            f"metadata contradicts the graph: the vocabulary has {len(vocabulary)} tokens, "
            f"logits are {outputs['logits']}"
        )
    unit: Unit = spec.part.get("unit", "char")
    return TextPart(read_recurrent_part(spec), vocabulary, unit, alphabet_of(vocabulary, unit))


def text_feeds_check(part: TextPart) -> CheckFeeds:
    """Give what checks token numbers and what the sampler is told."""
    return partial(check_text_inputs, vocabulary_size=len(part.vocabulary))
