"""Golden traces: what a model computes, step by step, small enough to hold any language to.

A trace has the inputs of some sequences and what must come out. Whole rows of numbers are named,
not listed: a bias row by its class (the tokens that are allowed), a row of ink by one hexadecimal
digit a pixel, a state by every n-th of its values.
"""

from ..core.errors import NotStreamingError
from ..pictures import digit_trace
from ..pictures.digit_reader import DigitReader
from ..verse import poem_trace
from ..verse.poet import Poet
from .trace_format import FORMAT, TOLERANCES, Trace


def make_trace(model: Poet | DigitReader, name: str) -> Trace:
    """Step a model and note what goes in and what comes out.

    Args:
        model: what `qibu.load` gave.
        name: what the trace calls the file.

    Raises:
        NotStreamingError: the model reads whole sequences only.
        VerificationError: no seed draws tokens that stand as much noise as a trace allows.
    """
    stepper = model.stepper
    spec = stepper.spec
    assert spec is not None  # Poet and DigitReader open no file without
    if not spec.streaming:
        raise NotStreamingError(
            f"{stepper.path.name} has no trace: its {spec.cell} network is bidirectional and "
            "can't be stepped; trace one that is, such as 'digits'"
        )
    trace = {
        "format": FORMAT,
        "model": name,
        "task": spec.task,
        "weights_sha256": spec.weights_sha256,
        "quantization": spec.quantization,
        "tolerances": dict(TOLERANCES[spec.quantization]),
    }
    if isinstance(model, DigitReader):
        return trace | digit_trace.parts(model)
    return trace | poem_trace.parts(model)
