"""Holding the arguments of `export_module` against each other, before anything is computed."""

import inspect
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from qibu.core.errors import InputError

from .precision import PRECISIONS
from .request import BATCH, DTYPES, TIME, Axes, Request

LONGEST = 4096  # characters of a description, as the file's schema says


def check_request(
    model: object,
    path: object,
    inputs: Mapping[str, Any],
    outputs: Sequence[str],
    states: Mapping[str, str] | None,
    axes: Mapping[str, Sequence[str | None]] | None,
    precision: str,
    description: str,
    streaming: bool | None,
    *,
    bounded: frozenset[str] = frozenset(),
    names: Mapping[str, str] | None = None,
) -> Request:
    """Hold the arguments of `export_module` against each other and against forward.

    Besides those, an application says which inputs are known to be within -1..1, and what weights
    are called in the file, by how they begin in the module.

    Raises:
        InputError: something doesn't fit; says what to write instead.
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    if isinstance(model, torch.jit.ScriptModule):
        raise InputError("model is scripted already; give the module that torch.jit was given")
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path must be a file's name, got {type(path).__name__} {path!r}")
    if Path(path).is_dir():
        raise InputError(f"path {str(path)!r} is a folder; name a file in it, as model.onnx")
    if precision not in PRECISIONS:
        raise InputError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    if not isinstance(description, str):
        raise InputError(f"description must be text, got {type(description).__name__}")
    if len(description) > LONGEST:
        raise InputError(f"description has {len(description):,} characters, at most {LONGEST:,}")
    _check_weights(model)
    examples = _check_examples(inputs)
    if isinstance(outputs, str) or not outputs or not all(isinstance(o, str) for o in outputs):
        raise InputError(f"outputs must be a list of names, as ['score'], got {outputs!r}")
    pairs = dict(states or {})
    _check_names([*examples, *outputs], pairs, examples, outputs)
    if pairs and streaming is False:
        raise InputError("states are for stepping: leave them out, or streaming=False")
    named = _check_axes(axes or {}, examples, pairs)
    return Request(
        examples,
        tuple(outputs),
        pairs,
        named,
        _by_name(model, list(examples)),
        streaming is not False,
        description,
        _sizes(named, examples),
        bounded,
        names or {},
    )


def _check_weights(model: nn.Module) -> None:
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        if isinstance(value, UninitializedParameter | UninitializedBuffer):
            raise InputError(f"{name} has no shape yet: call the model once, then export it")
        if value.device.type != "cpu":
            raise InputError(
                f"{name} is on {value.device}; export a copy on the CPU: "
                "export_module(copy.deepcopy(model).cpu(), …)"
            )
        if value.is_floating_point() and value.dtype != torch.float32:
            raise InputError(
                f"{name} is {value.dtype}, the file computes in float32: "
                "export_module(copy.deepcopy(model).float(), …)"
            )


def _check_examples(inputs: Mapping[str, Any]) -> dict[str, Tensor]:
    if not isinstance(inputs, Mapping) or not inputs:
        raise InputError(
            "inputs must name each argument of forward with an example of one step, as "
            f"{{'x': torch.zeros(1, 1, 12)}}, got {inputs!r}"
        )
    examples: dict[str, Tensor] = {}
    for name, value in inputs.items():
        if not isinstance(value, Tensor | np.ndarray):
            advice = "what never changes belongs into the module"
            if isinstance(value, tuple | list):
                advice = "let forward take the parts one by one, each under its own name"
            raise InputError(
                f"input {name!r} must be a tensor, got {type(value).__name__}; {advice}"
            )
        tensor = torch.as_tensor(value).detach()
        if tensor.device.type != "cpu" or tensor.dtype not in DTYPES:
            raise InputError(
                f"input {name!r} is {tensor.dtype} on {tensor.device}; it must be on the CPU and "
                f"one of {', '.join(DTYPES.values())}"
            )
        if tensor.numel() == 0 and tensor.dim() == 0:
            raise InputError(f"input {name!r} is empty")
        examples[name] = tensor.clone()
    return examples


def _check_names(
    names: Sequence[str],
    states: Mapping[str, str],
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
) -> None:
    doubled = [name for name in names if names.count(name) > 1]
    if doubled:
        raise InputError(
            f"{doubled[0]!r} is named twice; an input and an output need names of their own"
            + (", as a state's h and hn" if doubled[0] in inputs else "")
        )
    odd = [name for name in names if not isinstance(name, str) or not name.isidentifier()]
    if odd:
        raise InputError(f"{odd[0]!r} can't be a name: letters, digits and _ only")
    for name, out in states.items():
        if name not in inputs or out not in outputs:
            missing, kind, there = (
                (out, "outputs", list(outputs)) if name in inputs else (name, "inputs", [*inputs])
            )
            raise InputError(
                f"states pairs {name!r} with {out!r}, but {kind} has no {missing!r}; "
                f"it has {', '.join(there)}. A state is an input with an example (its first "
                "value) and an output"
            )
    if len(set(states.values())) != len(states):
        raise InputError(f"states gives two inputs the same output: {dict(states)}")
    if len(states) == len(inputs):
        raise InputError("every input is a state; a step needs an input of its own")


def _check_axes(
    axes: Mapping[str, Sequence[str | None]],
    inputs: Mapping[str, Tensor],
    states: Mapping[str, str],
) -> dict[str, Axes]:
    unknown = [name for name in axes if name not in inputs]
    if unknown:
        raise InputError(f"axes names {unknown[0]!r}, which is no input: {', '.join(inputs)}")
    named: dict[str, Axes] = {}
    for name, example in inputs.items():
        rank = example.dim()
        if name in axes:
            given = tuple(axes[name])
            wanted = f"a name or None for each of the {rank} axes of {list(example.shape)}"
            if isinstance(axes[name], str) or len(given) != rank:
                raise InputError(f"axes[{name!r}] must be {wanted}, got {axes[name]!r}")
            if not all(a is None or (isinstance(a, str) and a.isidentifier()) for a in given):
                raise InputError(f"axes[{name!r}] must be {wanted}, got {axes[name]!r}")
            if any(a is not None and given.count(a) > 1 for a in given):
                raise InputError(f"axes[{name!r}] names an axis twice: {given!r}")
            named[name] = given
        elif name not in states:
            free: Axes = (BATCH, TIME) if rank > 2 else (BATCH,)
            named[name] = (*free, *[None] * (rank - len(free)))[:rank]
    return named


def _sizes(axes: Mapping[str, Axes], inputs: Mapping[str, Tensor]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name, symbols in axes.items():
        for axis, symbol in enumerate(symbols):
            size = inputs[name].shape[axis]
            if symbol is not None and sizes.setdefault(symbol, size) != size:
                raise InputError(
                    f"axis {symbol!r} is {sizes[symbol]} in one example and {size} in {name!r}; "
                    "the examples are of the same step, or say which axes are free with axes=…"
                )
    return sizes


def _by_name(model: nn.Module, names: Sequence[str]) -> bool:
    """Say whether forward takes the inputs by name.

    Raises:
        InputError: forward has other arguments.
    """
    if type(model).__module__.startswith("torch.nn."):
        return False  # torch's own say `input`: any name will do
    parameters = inspect.signature(model.forward).parameters
    kinds = {parameter.kind for parameter in parameters.values()}
    takes = [
        name
        for name, parameter in parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    if inspect.Parameter.VAR_POSITIONAL in kinds and not set(names) <= set(takes):
        return False
    odd = [name for name in names if name not in takes]
    missing = [
        name
        for name in takes
        if name not in names and parameters[name].default is inspect.Parameter.empty
    ]
    if (odd and inspect.Parameter.VAR_KEYWORD not in kinds) or missing:
        raise InputError(
            f"inputs has {', '.join(names)}; forward takes {', '.join(takes)}: "
            + (f"{odd[0]!r} is none of them" if odd else f"{missing[0]!r} is missing")
        )
    return True
