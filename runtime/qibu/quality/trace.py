"""Golden traces: what a model computes, step by step, small enough to hold any language to.

A trace has the inputs of some sequences and what must come out. Whole rows of numbers are named,
not listed: a bias row by its class (the tokens that are allowed), a row of ink by one hexadecimal
digit a pixel, a state by every n-th of its values.
"""

from typing import Any

from ..core.errors import ModelFileError, NotStreamingError
from .kind import quality_of
from .trace_format import FORMAT, TOLERANCES, Trace


def make_trace(model: Any, name: str) -> Trace:
    """Step a model and note what goes in and what comes out.

    Args:
        model: what `qibu.load` gave.
        name: what the trace calls the file.

    Raises:
        NotStreamingError: the model reads whole sequences only.
        VerificationError: no seed draws tokens that stand as much noise as a trace allows.
    """
    stepper = getattr(model, "stepper", model)
    spec = stepper.spec
    if spec is None:
        raise ModelFileError(
            f"{stepper.path} has no 'qibu' metadata, so nothing is known of its inputs; "
            "step it with `qibu step`"
        )
    quality = quality_of(spec, str(stepper.path))
    if not spec.streaming:
        raise NotStreamingError(
            f"{stepper.path.name} has no trace: its network is bidirectional and can't be "
            "stepped; trace one that can"
        )
    head = {
        "format": FORMAT,
        "model": name,
        "task": spec.task,
        "weights_sha256": spec.weights_sha256,
        "quantization": spec.quantization,
        "tolerances": dict(TOLERANCES[spec.quantization]),
    }
    return head | quality.trace_parts(model)
