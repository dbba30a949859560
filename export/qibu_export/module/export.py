"""From any module to one verified, self-describing ONNX file."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from .checks import check_request
from .equality import ModuleVerification
from .loss import judge_of
from .writing import write_module


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
        model, path, inputs, outputs, states, axes, precision, description, streaming
    )
    judge = judge_of(measure, precision, request)
    return write_module(model, Path(path), request, precision=precision, judge=judge)
