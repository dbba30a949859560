"""One step of a model as a graph of plain operators, every size known: what becomes C.

Batch and time are 1; `Scan` is unrolled, which for one step is its body; constants are folded;
cells become products and gates; a product of one row has its weights where its kernel wants them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import onnx
from onnx import helper, inliner, numpy_helper, version_converter

from qibu.core.arrays import Array
from qibu.core.errors import ModelFileError

from .cells import plain_cell
from .fold import folded
from .plain_forms import plain_form
from .products import OneRowProducts
from .repeats import kept_once
from .scan import unrolled

OLDEST, NEWER = 13, 17  # opsets: what older ones say in attributes is brought to the newer one


def fixed_step(
    model: onnx.ModelProto,
    sizes: Mapping[str, tuple[int, ...]],
    outputs: Iterable[str],
    constants: Mapping[str, Array] | None = None,
) -> onnx.ModelProto:
    """Give the step of a model that can be stepped.

    Args:
        model: not modified.
        sizes: of every input, by name, states included.
        outputs: that are kept, states included; the others go, with what only they hang on.
        constants: inputs that are the same in every step; they become part of the graph.

    Returns:
        A model without metadata, every size known; inputs on which nothing hangs are gone.

    Raises:
        ModelFileError: a size hangs on a value, or there is control flow that can't be resolved.
    """
    step = onnx.ModelProto()
    step.CopyFrom(model)
    del step.metadata_props[:]
    if step.functions:
        step = inliner.inline_local_functions(step)
    graph = step.graph
    for name, value in (constants or {}).items():
        graph.initializer.append(numpy_helper.from_array(value, name))
    _drop_unread(graph, {constant.name for constant in graph.initializer})
    step = _decided(step)
    graph, opset = step.graph, _opset(step)
    _fix_sizes(graph, sizes)
    nodes = [plain for node in graph.node for plain in unrolled(node, graph, opset)]
    wanted = list(outputs)
    _set(graph.node, _needed(nodes, wanted))
    ports = {port.name: port for port in graph.output}
    _set(graph.output, [ports[name] for name in wanted])
    _drop_unread(graph, {constant.name for constant in graph.initializer})
    step = _inferred(folded(_modern(step, opset)))
    for rewrite in (plain_form, plain_cell, OneRowProducts(step.graph), kept_once):
        step = _rewritten(step, rewrite)
    _share_constants(step.graph)
    return _inferred(step)


def _opset(model: onnx.ModelProto) -> int:
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    return int(versions[0]) if versions else 1


def _modern(model: onnx.ModelProto, opset: int) -> onnx.ModelProto:
    """Give an old graph in an opset in which the sizes of `Split` and the like are inputs."""
    if opset >= OLDEST:
        return model
    try:
        newer: onnx.ModelProto = version_converter.convert_version(model, NEWER)
    except (RuntimeError, ValueError) as error:  # an operator that has no way between the two
        raise ModelFileError(
            f"no C can be made of a graph of opset {opset}: it can't be brought to {NEWER}: "
            f"{str(error).strip()}; export it anew with opset {NEWER}"
        ) from error
    return newer


def _set(field: Any, values: Iterable[Any]) -> None:
    kept = list(values)  # protobuf's field may be what `values` walks over
    del field[:]
    field.extend(kept)


def _fix_sizes(graph: onnx.GraphProto, sizes: Mapping[str, tuple[int, ...]]) -> None:
    """Give every input its sizes, and let those of all else be found anew."""
    for port in graph.input:
        if port.name in sizes:
            kind = port.type.tensor_type.elem_type
            port.CopyFrom(helper.make_tensor_value_info(port.name, kind, sizes[port.name]))
    del graph.value_info[:]
    for port in graph.output:
        port.type.tensor_type.ClearField("shape")


def _drop_unread(graph: onnx.GraphProto, constants: set[str]) -> None:
    """Leave out what nothing reads, and constants that are inputs too, as in old files."""
    read = _read(graph)
    _set(graph.initializer, [constant for constant in graph.initializer if constant.name in read])
    _set(graph.input, [p for p in graph.input if p.name in read and p.name not in constants])


def _read(graph: onnx.GraphProto) -> set[str]:
    """Name what the nodes read, those inside of branches and loops too, and what comes out."""
    found = {port.name for port in graph.output}
    for node in graph.node:
        found |= set(node.input)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                found |= _read(inner)
    return found


def _needed(nodes: Iterable[onnx.NodeProto], wanted: Iterable[str]) -> list[onnx.NodeProto]:
    """Give the nodes that the wanted values hang on, in their order."""
    needed, kept = set(wanted), []
    for node in reversed(list(nodes)):
        if needed & set(node.output):
            alone = onnx.GraphProto()
            alone.node.add().CopyFrom(node)
            needed |= _read(alone)
            kept.append(node)
    return kept[::-1]


def _decided(model: onnx.ModelProto) -> onnx.ModelProto:
    """Take the branches that constants alone decide, before sizes decide others."""
    if not any(node.op_type == "If" for node in model.graph.node):
        return model
    return folded(model)


def _inferred(model: onnx.ModelProto) -> onnx.ModelProto:
    """Find every value's sizes.

    Raises:
        ModelFileError: an output's hang on what is fed.
    """
    try:
        found = onnx.shape_inference.infer_shapes(
            model, check_type=True, strict_mode=True, data_prop=True
        )
    except (onnx.shape_inference.InferenceError, ValueError) as error:
        raise ModelFileError(f"no C can be made of this graph: {error}") from error
    for port in found.graph.output:
        kind = port.type.tensor_type
        if not kind.HasField("shape") or any(size.dim_value < 1 for size in kind.shape.dim):
            makers = [node for node in found.graph.node if port.name in node.output]
            told = f", made by {makers[0].op_type} {makers[0].name!r}" if makers else ""
            raise ModelFileError(
                f"no C can be made of output {port.name!r}{told}: its size hangs on what is fed, "
                "and C has arrays of fixed size"
            )
    return found


Rewrite = Callable[
    [onnx.NodeProto, dict[str, onnx.TensorProto], Mapping[str, list[int]]],
    Iterable[onnx.NodeProto],
]


def _rewritten(model: onnx.ModelProto, rewrite: Rewrite) -> onnx.ModelProto:
    """Let a function put other nodes in the place of each node."""
    graph = model.graph
    values = (*graph.value_info, *graph.input, *graph.output)
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim]
        for value in values
        if value.type.tensor_type.HasField("shape")
    }
    constants = {constant.name: constant for constant in graph.initializer}
    _set(graph.node, [n for node in graph.node for n in rewrite(node, constants, shapes)])
    read = _read(graph)
    _set(graph.initializer, [constants[name] for name in constants if name in read])
    return _inferred(model)


def _share_constants(graph: onnx.GraphProto) -> None:
    """Keep equal constants once: a matrix that is tied at both ends has come apart."""
    first: dict[tuple[str, tuple[int, ...], bytes], str] = {}
    same: dict[str, str] = {}
    for constant in graph.initializer:
        value = numpy_helper.to_array(constant)
        if value.dtype == object:
            continue
        key = (str(value.dtype), value.shape, value.tobytes())
        same[constant.name] = first.setdefault(key, constant.name)
    outputs = {port.name for port in graph.output}
    for node in graph.node:
        _set(node.input, [same.get(name, name) for name in node.input])
    read = _read(graph) | outputs
    _set(graph.initializer, [constant for constant in graph.initializer if constant.name in read])
