"""What the exporter asks of an application: what is its own in a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import onnx
from torch import Tensor

from qibu.core.errors import InputError
from qibu.core.model_file import PortNote
from qibu_train.core.checkpoint import Checkpoint

from ..core.registry import MODULES


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class ExportKind:
    """How networks of one application become files.

    Attributes:
        part: gives what the file's part for the task says, beyond cell and sizes.
        ports: gives what the file notes of its inputs and outputs.
        defaults: inputs that may be left out.
        input: the input of the graph that a sequence is read from.
        output: the output that torch is held against.
        example: gives an input of one step of a network.
        bounded: whether the input's numbers are within -1..1.
        answer: gives the output of what the network's forward returns.
        weights: what weights besides the recurrent layers' are called in the file.
        complete: adds to the graph.
    """

    part: Callable[[Checkpoint], Mapping[str, Any]]
    ports: Callable[[Checkpoint], Mapping[str, PortNote]]
    input: str
    output: str
    example: Callable[[Any], Tensor]
    weights: Mapping[str, str]
    defaults: Mapping[str, float] = field(default_factory=dict)
    bounded: bool = False
    answer: Callable[[Tensor], Tensor] = _same
    complete: Callable[[onnx.ModelProto], onnx.ModelProto] = _same


def kind_of(task: str) -> ExportKind:
    """Give how networks of a training task become files.

    Raises:
        InputError: nothing is known of the task.
    """
    if task not in MODULES:
        raise InputError(
            f"no file is known for task {task!r}; export its network with qibu_export.export_module"
        )
    kind: ExportKind = import_module(MODULES[task]).KIND
    return kind
