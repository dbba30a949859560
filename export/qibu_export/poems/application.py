"""How poem networks become files."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from opencc import OpenCC
from torch import Tensor

from qibu.core.model_file import PortNote
from qibu.text.vocabulary import Vocabulary
from qibu_train.text.network import TextNetwork

from ..trained.application import ExportKind
from .sampler_graph import with_sampler

# greedy unless the caller says otherwise
SAMPLER_DEFAULTS = {"bias": 0.0, "temperature": 1.0, "top_k": 1, "top_p": 1.0, "uniform": 0.0}


def add_simplified(vocabulary: Vocabulary) -> Vocabulary:
    """Give each character its simplified twin by OpenCC, one to one."""
    convert = OpenCC("t2s").convert
    twins = [convert(character) for character in vocabulary.characters]
    pairs = zip(vocabulary.characters, twins, strict=True)
    simplified = "".join(twin if len(twin) == 1 else character for character, twin in pairs)
    return replace(vocabulary, simplified=simplified)


def _part(vocabulary: Vocabulary) -> Mapping[str, Any]:
    return {"vocabulary": add_simplified(vocabulary).to_json()}


def _example(network: TextNetwork) -> Tensor:
    return torch.zeros(1, 1, dtype=torch.int64)


PORTS = {
    "tokens": PortNote("token numbers: a prompt, then one a step", time_axis=1, batch_axis=0),
    "bias": PortNote("added to the logits before a draw: 0 or -inf for a mask", batch_axis=0),
    "uniform": PortNote("the caller's random number in [0, 1)", batch_axis=0),
    "token": PortNote("the token drawn", batch_axis=0),
    "logits": PortNote("before bias and temperature", batch_axis=0),
}


def _ports(vocabulary: Vocabulary) -> Mapping[str, PortNote]:
    return PORTS


KIND = ExportKind(
    part=_part,
    ports=_ports,
    defaults=SAMPLER_DEFAULTS,
    input="tokens",
    output="logits",
    example=_example,
    weights={"embedding.weight": "embedding", "bias": "output_bias"},
    complete=with_sampler,
)
