"""From any module to one verified, self-describing ONNX file."""

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from qibu.core.errors import InputError
from qibu.core.files import atomic_path
from qibu.core.golden_trace import check_own_trace
from qibu.core.model_file import KEY, ModelSpec
from qibu.core.stepper import Stepper

from .causality import check_causality
from .checks import check_request
from .description import module_spec
from .discovery import discover
from .equality import ModuleVerification, verify_module
from .graph import build_graph
from .loss import Measure, figure_of, loss_of
from .precision import QUANTISERS, bounds, check_stepping, own_trace
from .quiet import quiet
from .trace import golden_trace


def export_module(
    model: nn.Module,
    path: str | os.PathLike[str],
    *,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    states: Mapping[str, str] | None = None,
    axes: Mapping[str, Sequence[str | None]] | None = None,
    precision: str = "float32",
    description: str = "",
    streaming: bool | None = None,
    measure: Callable[[Path], float] | Sequence[Mapping[str, Any]] | None = None,
) -> ModuleVerification:
    """Write a module as one ONNX file whose state goes in and comes out.

    A copy in eval mode is exported; the module itself stays as it is. The file appears only when
    onnxruntime computes what the module does, the whole sequence at once and step by step.

    Args:
        model: any module with float32 weights on the CPU.
        path: of the file; a file that stands there is replaced.
        inputs: forward's arguments, in order, each with an example of one step: float32, int64,
            int32, int8, uint8 or bool. The example of a state is its first value.
        outputs: names of what forward returns, in order; a dict's keys name themselves.
        states: {input: output} of those that forward takes and returns itself. Every recurrent
            layer that forward calls without a state, or with the same constant one, gets its own
            (`encoder.rnn` has `encoder_rnn_h_in`, `encoder_rnn_h_out`), every causal convolution
            its last inputs (`conv_last_in`), every buffer that forward overwrites its value.
        axes: for an input a name for each axis whose size is free and None for the others;
            "batch" and "time" are known. Left out: ("batch", "time", None, …), and ("batch",
            None) for an example of rank 2.
        precision: "float32"; "int8" multiplies in whole numbers where a layer can, and keeps all
            weights in 8 bits; "int8-weights" keeps them so and computes in float32.
        description: a sentence for those who find the file.
        streaming: False exports a module that can't be stepped, without states.
        measure: what is lost in 8 bits: a function of the file's path that gives a figure, the
            smaller the better (`lambda path: -accuracy(path)`), called for the float32 file too; or
            recorded inputs, each a dict of arrays shaped as forward takes them, or with one axis of
            steps more in front. The figure is written into the file under `quality`.

    Returns:
        What was compared, and the largest difference found.

    Raises:
        InputError: an argument doesn't fit, or forward can't be exported or stepped.
        VerificationError: the file would not compute what the module does, or 8 bits make the
            figure 1 % worse or change the outputs by 5 % of their size; none is written.
    """
    model = getattr(model, "_orig_mod", model)  # of torch.compile
    request = check_request(
        model, path, inputs, outputs, states, axes, precision, description, streaming, measure
    )
    with quiet(), torch.inference_mode(False):
        plan = discover(_copy(model), request)
        if request.streaming:
            check_causality(plan)
        graph = build_graph(plan)
        with atomic_path(path) as temporary:
            spec = module_spec(model, plan)
            _save(graph, spec, temporary)
            verification = verify_module(_copy(model), plan, temporary)
            trace = golden_trace(plan, verification.limit)
            if precision != "float32":
                assert measure is not None  # check_request wants it
                measured = Measure(measure, request)
                reference = measured(temporary)
                graph = QUANTISERS[precision].make(graph)
                spec = replace(spec, quantization=QUANTISERS[precision].quantization)
                _save(graph, spec, temporary)
                limits = bounds(graph.graph, plan, verification.limit)
                check_stepping(temporary, plan, limits)
                loss = loss_of(measured(temporary), reference)
                loss.check(precision)
                trace = own_trace(temporary, trace, limits)
                spec = replace(spec, quality=loss.quality)
                verification = replace(verification, loss=loss.text)
            elif callable(measure):
                spec = replace(spec, quality={"measure": figure_of(measure, temporary)})
            _save(graph, replace(spec, trace=trace), temporary)
            stepper = Stepper(temporary)
            if trace is not None:
                check_own_trace(stepper)
    return verification


def _save(graph: onnx.ModelProto, spec: ModelSpec, path: Path) -> None:
    onnx.helper.set_model_props(graph, {KEY: spec.to_json()})
    onnx.save(graph, path)


def _copy(model: nn.Module) -> Any:
    """Give a copy to work on, in eval mode."""
    try:
        copied = copy.deepcopy(model).eval()
    except Exception as error:  # torch's own text says what can't be copied
        raise InputError(
            f"the module can't be copied: {type(error).__name__}: {error}; use "
            "torch.nn.utils.parametrizations.weight_norm instead of the old weight_norm, and keep "
            "no open files or tensors that need gradients in it"
        ) from error
    return copied.requires_grad_(False)
