"""What the exporter asks of an application: its graph, its part of a file, its test inputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import onnx
from torch import Tensor

from qibu.core.arrays import Array
from qibu.core.errors import InputError
from qibu.core.model_file import PortNote
from qibu_train.core.recurrent import RecurrentNetwork

from .precision import Precision
from .registry import MODULES


@dataclass(frozen=True)
class ExportKind:
    """How networks of one application become files.

    Attributes:
        network: their class.
        build_graph: gives the graph of one in a precision.
        part: gives what the file's part for the task says, beyond cell and sizes, of what the
            checkpoint keeps beside the config.
        ports: what the file notes of its inputs and outputs.
        defaults: inputs that may be left out.
        input: the input of the graph that a sequence is read from.
        output: the output that torch is held against.
        sequence: gives random inputs of a network for a batch and a time.
        answer: gives the graph's output of what the network's forward returns.
        ports_of: gives the ports of what the checkpoint keeps beside the config, where that
            decides them; None: all files have `ports`.
    """

    network: type[RecurrentNetwork]
    build_graph: Callable[[Any, Precision], onnx.ModelProto]
    part: Callable[[Any], Mapping[str, Any]]
    ports: Mapping[str, PortNote]
    defaults: Mapping[str, float]
    input: str
    output: str
    sequence: Callable[[Any, int, int, np.random.Generator], Array]
    answer: Callable[[Tensor], Tensor]
    ports_of: Callable[[Any], Mapping[str, PortNote]] | None = None


def kind_of(network: RecurrentNetwork) -> ExportKind:
    """Give how a network becomes a file.

    Raises:
        InputError: nothing is known of networks of its class.
    """
    for module in MODULES.values():
        kind: ExportKind = import_module(module).KIND
        if isinstance(network, kind.network):
            return kind
    raise InputError(
        f"no graph is known for a {type(network).__name__}; export it with "
        "qibu_export.export_module"
    )
