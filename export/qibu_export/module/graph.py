"""From the module with its states to an ONNX graph, by torch's exporter."""

import re
from collections.abc import Mapping

import onnx
import torch

from qibu.core.errors import InputError

from ..core.onnx_builder import IR_VERSION, OPSET
from .discovery import Plan
from .failures import not_exportable
from .operators import translations
from .request import BATCH, TIME, Axes

RECURRENT = ("RNN", "GRU", "LSTM")
DEFAULTS: tuple[object, ...] = (b"forward", 0, [], [b"Tanh"], [b"Tanh"] * 2)
SIZES = {BATCH: 2, TIME: 3}  # of free axes while exporting: 0 and 1 would be taken as constants


def build_graph(plan: Plan) -> onnx.ModelProto:
    """Export the module.

    Raises:
        InputError: forward is written so that no graph can be made of it.
    """
    carrier = plan.carrier
    step = carrier.request.sizes.get(TIME, 1)
    sizes = {
        name: max(3, size) if name not in SIZES else SIZES[name]
        for name, size in carrier.request.sizes.items()
    }
    if TIME in sizes:
        sizes[TIME] *= step
    values = plan.samples.draw(sizes, torch.Generator().manual_seed(0))
    for state in carrier.states:
        shape = [n if isinstance(n, int) else sizes[n] for n in state.shape]
        values[state.input] = state.initial.new_zeros(shape)
    axes = input_axes(plan)
    free = torch.export.Dim.DYNAMIC  # sizes that can't be are found by comparing, not by guards
    shapes = tuple(
        {axis: free for axis, symbol in enumerate(axes[name]) if symbol is not None}
        for name in carrier.input_names
    )
    arguments = tuple(values[name] for name in carrier.input_names)
    try:
        with torch.no_grad():
            program = torch.export.export(
                carrier, arguments, dynamic_shapes=(shapes,), strict=False
            )
            written = program.graph_signature.buffers_to_mutate.values()
            if written:
                raise InputError(f"forward overwrites {', '.join(written)} in another way each run")
            exported = torch.onnx.export(
                program,
                dynamo=True,
                opset_version=OPSET,
                input_names=list(carrier.input_names),
                output_names=list(carrier.output_names),
                custom_translation_table=translations(OPSET),
                verbose=False,
                optimize=True,
            )
    except InputError:
        raise
    except Exception as error:  # torch raises what it likes
        raise not_exportable(error, carrier.request) from error
    assert exported is not None
    model = exported.model_proto
    _clean(model, _symbols(model, axes), carrier.request.names)
    return model


def input_axes(plan: Plan) -> dict[str, Axes]:
    """Give the free axes of every input of the file, states too."""
    axes: dict[str, Axes] = {name: plan.samples.axes[name] for name in plan.carrier.request.data}
    for state in plan.carrier.states:
        axes[state.input] = tuple(n if isinstance(n, str) else None for n in state.shape)
    return axes


def _symbols(model: onnx.ModelProto, axes: Mapping[str, Axes]) -> dict[str, str]:
    """Give our name of each of torch's symbols."""
    names: dict[str, str] = {}
    for value in model.graph.input:
        for size, symbol in zip(value.type.tensor_type.shape.dim, axes[value.name], strict=True):
            if symbol is not None and size.dim_param:
                names[size.dim_param] = symbol
    return names


def _clean(model: onnx.ModelProto, symbols: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Name axes and weights, and leave out what tells of this machine: stack traces, file names."""
    graph = model.graph
    for value in [*graph.input, *graph.output]:
        del value.metadata_props[:]
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param:
                size.dim_param = re.sub(
                    r"[A-Za-z_]\w*", lambda found: symbols.get(found[0], found[0]), size.dim_param
                )
    own = {value.name for value in [*graph.input, *graph.output]}
    nested = any(attribute.HasField("g") for node in graph.node for attribute in node.attribute)
    shorter = {
        weight.name: short
        for weight in graph.initializer
        # a graph within a node would still know it by its long name
        if (short := _short(weight.name, names)) not in own and not nested
    }
    weights = set(shorter.values())
    computed = {name for node in graph.node for name in node.output}
    values = {name: f"{name}_value" for name in computed & weights}
    for weight in graph.initializer:
        weight.name = shorter.get(weight.name, weight.name)
    for node in graph.node:
        if node.op_type in RECURRENT:  # torch's exporter writes ONNX's defaults out
            kept = [
                onnx.helper.make_attribute(attribute.name, value)
                for attribute in node.attribute
                if (value := onnx.helper.get_attribute_value(attribute)) not in DEFAULTS
            ]
            del node.attribute[:]
            node.attribute.extend(kept)
        node.input[:] = [shorter.get(name) or values.get(name, name) for name in node.input]
        node.output[:] = [values.get(name, name) for name in node.output]
    for part in [*graph.node, *graph.initializer, graph, model]:
        del part.metadata_props[:]
        part.doc_string = ""
    del graph.value_info[:]
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version = "qibu", ""
    graph.name = "model"


def _short(weight: str, names: Mapping[str, str]) -> str:
    """Name a weight as its owner does, with our own names for some beginnings."""
    short = weight.removeprefix("model.")
    for beginning, instead in names.items():
        if short.startswith(beginning):
            return instead + short.removeprefix(beginning)
    return short
