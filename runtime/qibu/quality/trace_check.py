"""Holding a model to a golden trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import InputError, ModelFileError, VerificationError
from .kind import quality_of
from .trace_format import FORMAT, Trace

WRITTEN = ("poems", "texts")  # what a trace may hold besides its sequences


@dataclass(frozen=True)
class TraceCheck:
    """How well a model agrees with a trace."""

    tokens: int  # drawn, all as in the trace
    written: Mapping[str, int]  # "poems" or "texts", all as in the trace
    differences: Mapping[str, float]  # the largest by kind of value
    tolerances: Mapping[str, Any]

    def __str__(self) -> str:
        found = [
            f"{kind} {difference:.1e} (limit {self.tolerances[kind]:g})"
            for kind, difference in self.differences.items()
        ]
        written = " and ".join(
            f"{count} {what if count > 1 else what[:-1]}" for what, count in self.written.items()
        )
        drawn = [f"{self.tokens} tokens and {written} equal"] if self.tokens else []
        return f"as in the trace: {', '.join([*drawn, *found])}, relative above 1"


def check_trace(model: Any, trace: Trace) -> TraceCheck:
    """Step a model through a trace.

    Args:
        model: what `qibu.load` gave.
        trace: what `make_trace` gave, or its JSON.

    Raises:
        InputError: the trace lacks something, or is of another format.
        ModelFileError: the trace belongs to another model.
        VerificationError: a token is another one, or a value is off by more than the tolerance.
    """
    if not isinstance(trace, dict) or trace.get("format") != FORMAT:
        raise InputError(f"a trace must be a JSON object of format {FORMAT}; `qibu trace` makes it")
    stepper = getattr(model, "stepper", model)
    spec = stepper.spec
    quality = quality_of(spec, str(stepper.path))
    found = spec.weights_sha256, spec.quantization
    wanted = trace.get("weights_sha256"), trace.get("quantization")
    if found != wanted:
        raise ModelFileError(
            f"the trace is of weights {str(wanted[0])[:12]} in {wanted[1] or 'float32'}, "
            f"{stepper.path.name} has {found[0][:12]} in {found[1] or 'float32'}; "
            "make the trace anew with `qibu trace`"
        )
    largest: dict[str, float] = {}
    try:
        for kind, difference, where in quality.trace_differences(model, trace):
            if not difference <= trace["tolerances"][kind]:  # NaN too
                raise VerificationError(
                    f"{where}: {kind} are off by {difference:.1e}, "
                    f"at most {trace['tolerances'][kind]:g} is allowed"
                )
            largest[kind] = max(difference, largest.get(kind, 0.0))
    except InputError:
        raise
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise InputError(f"the trace lacks or misnames something: {error!r}") from error
    tokens = sum(len(sequence.get("steps", [])) for sequence in trace["sequences"])
    written: dict[str, int] = {kind: len(trace[kind]) for kind in WRITTEN if kind in trace}
    return TraceCheck(tokens, written, largest, trace["tolerances"])
