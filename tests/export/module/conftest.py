"""Exporting a module into a folder of its own, and reading what came."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from qibu.core.arrays import Array
from qibu_export.module import ModuleVerification, export_module


@dataclass(frozen=True)
class Exported:
    """A file, what was compared, the document inside."""

    path: Path
    verification: ModuleVerification
    graph: onnx.GraphProto
    document: dict[str, Any]

    @property
    def states(self) -> dict[str, dict[str, Any]]:
        return {state["input"]: state for state in self.document["states"]}

    @property
    def operators(self) -> list[str]:
        return [node.op_type for node in self.graph.node]

    def run(self, feeds: dict[str, Array]) -> dict[str, Array]:
        session = onnxruntime.InferenceSession(self.path, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, map(np.asarray, session.run(names, feeds)), strict=True))


Export = Callable[..., Exported]


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """Give the function that exports a module and reads the file."""

    def run(model: nn.Module, inputs: dict[str, Any], outputs: list[str], **more: Any) -> Exported:
        path = tmp_path / "model.onnx"
        verification = export_module(model, path, inputs=inputs, outputs=outputs, **more)
        loaded = onnx.load(path)
        onnx.checker.check_model(loaded, full_check=True)
        (entry,) = loaded.metadata_props
        assert entry.key == "qibu"
        return Exported(path, verification, loaded.graph, json.loads(entry.value))

    return run


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)
