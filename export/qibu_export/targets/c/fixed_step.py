"""The step of a model with batch and time fixed to 1, as plain operators: what becomes C.

`Scan` is unrolled, which for one step is its body; the sampler is cut off, since a graph whose
sizes hang on `top_k` has no fixed arrays; constants are folded; a product of whole numbers has its
weights first and laid in rows, so that a compiler's innermost loop runs along memory.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

from qibu.core.arrays import Array
from qibu.core.model_file import ModelSpec

SIZES = {"batch": 1, "time": 1}


def fixed_step(model: onnx.ModelProto, spec: ModelSpec) -> onnx.ModelProto:
    """Give the step of a model that can be stepped.

    Args:
        model: of Qibu's; not modified.
        spec: what it says of itself.

    Returns:
        A model without metadata: `tokens` or `rows` and the states in, `logits` or
        `probabilities` and the states out, every size known.
    """
    step = onnx.ModelProto()
    step.CopyFrom(model)
    del step.metadata_props[:]
    graph = step.graph
    nodes = [plain for node in graph.node for plain in _unrolled(node, graph)]
    wanted = _kept_outputs(nodes, graph, spec)
    _set(graph.node, _needed(nodes, wanted))
    read = {name for node in graph.node for name in node.input}
    _set(graph.initializer, [constant for constant in graph.initializer if constant.name in read])
    _set(graph.input, [port for port in graph.input if port.name in read])
    ports = {port.name: port for port in graph.output}
    logits = helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, None)
    _set(graph.output, [ports.get(name, logits) for name in wanted])
    for port in (*graph.input, *graph.output):
        for size in port.type.tensor_type.shape.dim:
            if size.dim_param:
                size.dim_value = SIZES[size.dim_param]
    for node in graph.node:  # "forward", what goes without saying, the generator misreads
        if node.op_type in ("RNN", "GRU", "LSTM"):
            _set(node.attribute, [a for a in node.attribute if a.name != "direction"])
    step = onnx.shape_inference.infer_shapes(_folded(step))
    values = {value.name: value for value in step.graph.value_info}
    ranks = {name: len(value.type.tensor_type.shape.dim) for name, value in values.items()}
    constants = {constant.name: constant for constant in step.graph.initializer}
    _set(step.graph.node, [n for node in step.graph.node for n in _in_rows(node, constants, ranks)])
    read = {name for node in step.graph.node for name in node.input}
    _set(step.graph.initializer, [constants[name] for name in constants if name in read])
    del step.graph.value_info[:]
    return onnx.shape_inference.infer_shapes(step, check_type=True, strict_mode=True)


def _set(field: Any, values: Iterable[Any]) -> None:
    kept = list(values)  # protobuf's field may be what `values` walks over
    del field[:]
    field.extend(kept)


def _unrolled(node: onnx.NodeProto, graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Give the nodes that one step of a `Scan` is, their constants to the graph."""
    if node.op_type != "Scan":
        yield node
        return
    (body,) = (attribute.g for attribute in node.attribute if attribute.name == "body")
    own = [port.name for port in body.input] + [constant.name for constant in body.initializer]
    own += [name for inner in body.node for name in inner.output]
    names = {name: f"{node.name}_{name}" for name in own}
    names |= dict(zip((port.name for port in body.input[:-1]), node.input[:-1], strict=True))
    names |= dict(zip((port.name for port in body.output), node.output, strict=True))
    axis = numpy_helper.from_array(np.array([0], np.int64), f"{node.name}_axis")
    graph.initializer.append(axis)
    yield helper.make_node(
        "Squeeze", [node.input[-1], axis.name], [names[body.input[-1].name]], f"{node.name}_x"
    )
    for constant in body.initializer:
        graph.initializer.add().CopyFrom(constant)
        graph.initializer[-1].name = names[constant.name]
    for inner in body.node:
        plain = onnx.NodeProto()
        plain.CopyFrom(inner)
        plain.name = f"{node.name}_{inner.name}"
        _set(plain.input, [names.get(name, name) for name in inner.input])
        _set(plain.output, [names.get(name, name) for name in inner.output])
        yield plain


def _kept_outputs(
    nodes: Iterable[onnx.NodeProto], graph: onnx.GraphProto, spec: ModelSpec
) -> list[str]:
    """Name the outputs that hang on no input which may be left out, the states at the end.

    Those others are of a sampler, whose sizes hang on what it is told.
    """
    optional = set(spec.defaults)
    for node in nodes:
        if optional & set(node.input):
            optional |= set(node.output)
    states = [pair.output for pair in spec.states]
    outputs = [port.name for port in graph.output]
    return [name for name in outputs if name not in (*optional, *states)] + states


def _needed(nodes: Iterable[onnx.NodeProto], wanted: Iterable[str]) -> list[onnx.NodeProto]:
    """Give the nodes that the wanted values hang on, in their order."""
    needed, kept = set(wanted), []
    for node in reversed(list(nodes)):
        if needed & set(node.output):
            needed |= set(node.input)
            kept.append(node)
    return kept[::-1]


def _folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Let onnxruntime compute what hangs on constants alone."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 4
    with TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        ort.InferenceSession(
            model.SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["QDQPropagationTransformer"],  # it adds nodes for others to fuse
        )
        return onnx.load(options.optimized_model_filepath)


def _in_rows(
    node: onnx.NodeProto, constants: dict[str, onnx.TensorProto], ranks: Mapping[str, int]
) -> Iterator[onnx.NodeProto]:
    """Turn x W, x one row of whole numbers and W a constant (in, out), into W' x'."""
    if node.op_type != "MatMulInteger" or node.input[1] not in constants:
        yield node
        return
    x, name, zero = node.input
    weight = numpy_helper.to_array(constants[name])
    inputs, outputs = weight.shape

    def constant(suffix: str, value: Array) -> str:
        tensor = numpy_helper.from_array(np.ascontiguousarray(value), name + suffix)
        constants[tensor.name] = tensor
        return tensor.name

    column, product = f"{name}_x", f"{name}_product"
    upright, flat = np.array([inputs, 1]), np.array([1] * (ranks[x] - 1) + [outputs])
    yield helper.make_node("Reshape", [x, constant("_column", upright)], [column])
    rows = constant("_rows", weight.T)
    yield helper.make_node("MatMulInteger", [rows, column, "", zero], [product])
    yield helper.make_node("Reshape", [product, constant("_flat", flat)], node.output)
