"""Writing an ONNX graph node by node."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from qibu.core.arrays import Array

OPSET = 18  # the lowest of torch's exporter; with IR 8 onnxruntime 1.14 and all since can run it
IR_VERSION = 8


class GraphBuilder:
    """Collects nodes, constants, inputs and outputs of a graph."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, dtype: int, shape: list[int | str]) -> str:
        """Add a graph input; a string in its shape names a free size."""
        self._inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, dtype: int, shape: list[int | str]) -> None:
        """Make a value that some node writes a graph output."""
        self._outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def constant(self, name: str, value: Array) -> str:
        """Add a constant."""
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def int64(self, *values: int) -> str:
        """Add a small vector of whole numbers, once for all who ask for it."""
        name = "int64_" + "_".join(map(str, values)).replace("-", "minus")
        return self.constant(name, np.array(values, np.int64))

    def nodes(
        self, operator: str, inputs: list[str], outputs: list[str], **attributes: Any
    ) -> None:
        """Add a node that writes the named values; an empty name is an optional one left out."""
        self._nodes.append(helper.make_node(operator, inputs, outputs, outputs[0], **attributes))

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node with one output and give its name."""
        self.nodes(operator, inputs, [output], **attributes)
        return output

    def cast(self, value: str, dtype: int, output: str) -> str:
        """Add a change of element type."""
        return self.node("Cast", [value], output, to=dtype)

    def graph(self) -> onnx.GraphProto:
        """Give the finished graph, to be the body of another's node."""
        constants = list(self._constants.values())
        return helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, constants)

    def append_to(self, graph: onnx.GraphProto) -> None:
        """Put everything behind what another graph has."""
        made = self.graph()
        graph.node.extend(made.node)
        graph.initializer.extend(made.initializer)
        graph.input.extend(made.input)
        graph.output.extend(made.output)

    def model(self) -> onnx.ModelProto:
        """Give the finished model, checked by onnx."""
        model = helper.make_model(
            self.graph(),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="qibu",
        )
        onnx.checker.check_model(model, full_check=True)
        return model


class CompactBuilder(GraphBuilder):
    """Keeps float32 weights in 8 bits; a session unfolds them when it starts."""

    def compact(self, name: str, value: Array, along: tuple[int, ...]) -> str:
        """Add a constant as whole numbers, a cast and a product, with one step along some axes."""
        if f"{name}_whole" not in self._constants:
            steps = np.abs(value).max(along, keepdims=True) / 127
            steps[steps == 0] = 1
            whole = super().constant(f"{name}_whole", np.rint(value / steps).astype(np.int8))
            real = self.cast(whole, TensorProto.FLOAT, f"{name}_real")
            self.node("Mul", [real, super().constant(f"{name}_step", steps)], name)
        return name


FLOAT, INT64, UINT8 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8
