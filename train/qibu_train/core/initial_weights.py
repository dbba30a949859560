"""Weights read back out of a model file, so that a run can begin where another one ended.

A file in float32 holds them as they were trained, one of 8-bit weights each row of a matrix in 8
bits and a step. One that multiplies in 8 bits has them scaled, joined and rounded to 7 bits: enough
to begin with, though the float file is better.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper
from torch import Tensor

from qibu.bundled import bundled_models, model_path
from qibu.core.arrays import Array, Float32Array
from qibu.core.errors import InputError, ModelFileError
from qibu.core.model_file import KEY

from .int8_weights import float_constants, is_int8
from .recurrent import CELLS
from .run_config import RunConfig


@dataclass(frozen=True)
class StoredWeights:
    """What a model file holds of the network that it was made from."""

    name: str  # a bundled name, or the file's
    cell: str
    hidden_size: int
    num_layers: int
    metadata: Mapping[str, Any]  # what the file says of itself
    constants: Mapping[str, Array]
    input_table: Array | None = None  # of a file that multiplies in 8 bits, what its tokens become

    @property
    def record(self) -> dict[str, Any]:
        """What a run that begins here notes."""
        return {"name": self.name, "weights_sha256": self.metadata.get("weights_sha256")}

    @property
    def task_metadata(self) -> Mapping[str, Any]:
        """What belongs to the file's task only; in format 1 it stands among the rest."""
        own: Mapping[str, Any] = self.metadata.get(self.metadata.get("task", ""), self.metadata)
        return own

    def __getitem__(self, name: str) -> Float32Array:
        """Give a constant as float32.

        Raises:
            ModelFileError: there is none of this name.
        """
        if f"{name}_whole" in self.constants and f"{name}_step" in self.constants:
            whole: Float32Array = self.constants[f"{name}_whole"].astype(np.float32)
            return whole * self.constants[f"{name}_step"]
        if name not in self.constants:
            raise ModelFileError(f"{self.name} has no weight {name!r}: it isn't `qibu export`'s")
        return self.constants[name].astype(np.float32)

    def tensor(self, name: str) -> Tensor:
        """Give a constant as a tensor."""
        return torch.from_numpy(self[name])

    def recurrent(self) -> dict[str, Tensor]:
        """Give the recurrent layers' weights, named and ordered as `RecurrentNetwork` has them."""
        kind = CELLS[self.cell]
        order = np.argsort(kind.onnx_gates)  # back to torch's

        def gates(stacked: Float32Array) -> Tensor:
            parts = np.split(stacked, len(order))
            return torch.from_numpy(np.concatenate([parts[gate] for gate in order]))

        weights = {}
        for layer in range(self.num_layers):
            w, r, b = (self[f"{letter}{layer}"] for letter in "WRB")
            for direction, end in enumerate(("", "_reverse")[: kind.directions]):
                of_inputs, of_state = np.split(b[direction], 2)
                weights[f"rnn.weight_ih_l{layer}{end}"] = gates(w[direction])
                weights[f"rnn.weight_hh_l{layer}{end}"] = gates(r[direction])
                weights[f"rnn.bias_ih_l{layer}{end}"] = gates(of_inputs)
                weights[f"rnn.bias_hh_l{layer}{end}"] = gates(of_state)
        return weights

    def want(self, file_task: str, config: RunConfig) -> None:
        """Check that the model is for a task and of a config's cell and size.

        Raises:
            InputError: it isn't.
        """
        if self.metadata.get("task") != file_task:
            raise InputError(
                f"--init {self.name} is a model for {self.metadata.get('task')!r}, "
                f"a run of task {config.task!r} begins from one for {file_task!r}"
            )
        if _size(self) != _size(config):
            raise InputError(
                f"--init {self.name} is {_size(self)}, the run is {_size(config)}; "
                "give both the same with --cell, --set hidden_size=… num_layers=…"
            )


def _size(network: StoredWeights | RunConfig) -> str:
    return f"{network.cell} {network.num_layers} x {network.hidden_size}"


def read_weights(model: str) -> StoredWeights:
    """Read the weights of a model: a bundled name, of whose files the float one, or a path.

    Raises:
        ModelFileError: there is no such model, or it isn't one that Qibu exported.
    """
    path = model_path(model, "cuda")  # any provider but the CPU's, which gets 8 bits
    try:
        proto = onnx.load(path)
    except (DecodeError, OSError, ValueError) as error:
        raise ModelFileError(f"{path} is no ONNX file: {error}") from error
    properties = {entry.key: entry.value for entry in proto.metadata_props}
    if KEY not in properties:
        raise ModelFileError(f"{path} has no {KEY!r} metadata; export it with `qibu export`")
    try:
        metadata = json.loads(properties[KEY])
    except ValueError as error:
        raise ModelFileError(f"{KEY!r} metadata of {path} isn't JSON: {error}") from error
    name = model if model in bundled_models() else path.name
    constants = dict(_constants(proto.graph))
    operators = [node for node in proto.graph.node if node.op_type in ("RNN", "GRU", "LSTM")]
    if not operators:
        return _from_int8(name, metadata, constants)
    attributes = {a.name: helper.get_attribute_value(a) for a in operators[0].attribute}
    return StoredWeights(
        name=name,
        cell=_cell(operators[0].op_type, attributes.get("direction") == b"bidirectional"),
        hidden_size=attributes["hidden_size"],
        num_layers=len(operators),
        metadata=metadata,
        constants=constants,
    )


def _constants(graph: onnx.GraphProto) -> Iterator[tuple[str, Array]]:
    """Give the constants of a graph and of those inside its nodes."""
    for constant in graph.initializer:
        yield constant.name, numpy_helper.to_array(constant)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _constants(attribute.g)


def _from_int8(
    name: str, metadata: Mapping[str, Any], constants: Mapping[str, Array]
) -> StoredWeights:
    own: Mapping[str, Any] = metadata.get(metadata.get("task", ""), metadata)
    constants = {full.rpartition(".")[2]: value for full, value in constants.items()}
    try:
        cell, hidden_size, num_layers = (own[k] for k in ("cell", "hidden_size", "num_layers"))
        if not is_int8(constants):
            raise KeyError("l0_gates_weight")
        found = float_constants(constants, cell, hidden_size, num_layers)
    except KeyError as error:
        raise ModelFileError(
            f"{name} has no recurrent layers of `qibu export`'s to begin from: no {error}"
        ) from error
    table = constants.get("embedding_rows", constants.get("embedding"))
    return StoredWeights(name, cell, hidden_size, num_layers, metadata, found, table)


def _cell(operator: str, both_ways: bool) -> str:
    (cell,) = (
        cell
        for cell, kind in CELLS.items()
        if (kind.operator, kind.bidirectional) == (operator, both_ways)
    )
    return cell
