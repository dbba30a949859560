"""How networks that write become files."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from qibu.core.model_file import PortNote
from qibu_train.core.checkpoint import Checkpoint

from ..trained.application import ExportKind
from .sampler_graph import with_sampler

PORTS = {
    "tokens": PortNote("token numbers: a prompt, then one a step", time_axis=1, batch_axis=0),
    "bias": PortNote("added to the logits before a draw: 0 or -inf for a mask", batch_axis=0),
    "uniform": PortNote("the caller's random number in [0, 1)", batch_axis=0),
    "token": PortNote("the token drawn", batch_axis=0),
    "logits": PortNote("before bias and temperature", batch_axis=0),
}
# greedy unless the caller says otherwise
SAMPLER_DEFAULTS = {"bias": 0.0, "temperature": 1.0, "top_k": 1, "top_p": 1.0, "uniform": 0.0}


def _example(network: Any) -> Tensor:
    return torch.zeros(1, 1, dtype=torch.int64)


def _ports(checkpoint: Checkpoint) -> Mapping[str, PortNote]:
    return PORTS


def text_kind(part: Callable[[Checkpoint], Mapping[str, Any]]) -> ExportKind:
    """Give how the networks of a task of text become files, by what their part says."""
    return ExportKind(
        part=part,
        ports=_ports,
        defaults=SAMPLER_DEFAULTS,
        input="tokens",
        output="logits",
        example=_example,
        weights={"embedding.weight": "embedding", "bias": "output_bias"},
        complete=with_sampler,
    )


def _part(checkpoint: Checkpoint) -> Mapping[str, Any]:
    unit: str = getattr(checkpoint.config, "unit")  # noqa: B009  of own texts' configs
    return {"unit": unit, "vocabulary": checkpoint.extra.to_json()}


KIND = text_kind(_part)
