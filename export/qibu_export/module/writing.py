"""Writing a module's file: made, compared, in 8 bits made again and measured, or not there."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import nn

from qibu.core.errors import InputError
from qibu.core.files import atomic_path
from qibu.core.golden_trace import check_own_trace
from qibu.core.model_file import KEY, GoldenTrace, ModelSpec
from qibu.core.stepper import Stepper

from .causality import check_causality
from .description import module_spec
from .discovery import Plan, discover
from .equality import COARSE, EXACT, ModuleVerification, verify_module
from .graph import build_graph
from .loss import Judge
from .precision import QUANTISERS, bounds_of, check_stepping, own_trace
from .quiet import quiet
from .request import Request
from .trace import golden_trace


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Addition:
    """What an application adds to the file of a module.

    Attributes:
        document: completes what the file says of itself.
        graph: completes the graph, after it got its 8 bits.
        trace: records the file's own test; None: the module's answer to random inputs is it.
    """

    document: Callable[[ModelSpec], ModelSpec] = _same
    graph: Callable[[onnx.ModelProto], onnx.ModelProto] = _same
    trace: Callable[[Stepper], GoldenTrace] | None = None


NOTHING = Addition()


def write_module(
    model: nn.Module,
    path: Path,
    request: Request,
    *,
    precision: str = "float32",
    judge: Judge | None = None,
    addition: Addition = NOTHING,
) -> ModuleVerification:
    """Write a module's file, or none.

    Args:
        model: as it was trained; a copy is worked on.
        path: of the file.
        request: checked.
        precision: one of `PRECISIONS`; all but float32 need a judge.
        judge: measures the file.
        addition: what an application adds.

    Raises:
        InputError: forward can't be exported or stepped.
        VerificationError: the file would not compute what the module does, or 8 bits cost too much.
    """
    with _planned(model, request) as plan, atomic_path(path) as temporary:
        graph, spec = build_graph(plan), addition.document(module_spec(model, plan))

        def save(spec: ModelSpec) -> None:
            complete = addition.graph(graph)
            onnx.helper.set_model_props(complete, {KEY: spec.to_json()})
            onnx.save(complete, temporary)

        save(spec)
        verification = verify_module(_copy(model), plan, temporary)
        trace = golden_trace(plan, verification.limit) if addition.trace is None else None
        if precision == "float32":
            if judge is not None:
                spec = replace(spec, quality=judge.quality(temporary))
        else:
            assert judge is not None  # who asks for 8 bits gives one
            reference = judge.measure(temporary)
            quantiser = QUANTISERS[precision]
            graph = quantiser.make(graph, request.bounded)
            spec = replace(spec, quantization=quantiser.quantization)
            save(spec)
            coarse = verify_module(_copy(model), plan, temporary, COARSE)
            limits = bounds_of(graph.graph, plan, verification.limit)
            check_stepping(temporary, plan, limits)
            loss = judge.loss(judge.measure(temporary), reference)
            loss.check(precision)
            trace = own_trace(temporary, trace, limits)
            spec = replace(spec, quality=loss.quality)
            verification = replace(coarse if addition.trace else verification, loss=loss.text)
        if addition.trace is not None:
            trace = addition.trace(Stepper(temporary))
        save(replace(spec, trace=trace))
        stepper = Stepper(temporary)
        if trace is not None:
            check_own_trace(stepper)
    return verification


def verify_written(model: nn.Module, path: Path, request: Request) -> ModuleVerification:
    """Hold a file that was written before against its module.

    Raises:
        VerificationError: they differ.
    """
    spec = Stepper(path).spec
    with _planned(model, request) as plan:
        if spec is None or spec.quantization is None:
            return verify_module(_copy(model), plan, path)
        verification = verify_module(_copy(model), plan, path, COARSE)
        check_stepping(path, plan, bounds_of(onnx.load(path).graph, plan, EXACT.limit))
    return verification


@contextmanager
def _planned(model: nn.Module, request: Request) -> Iterator[Plan]:
    with quiet(), torch.inference_mode(False):
        plan = discover(_copy(model), request)
        if request.streaming:
            check_causality(plan)
        yield plan


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
