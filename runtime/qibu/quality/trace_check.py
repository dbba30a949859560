"""Holding a model to a golden trace."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import InputError, ModelFileError, VerificationError
from ..core.state import State
from ..core.stepper import Stepper
from ..pictures.digit_reader import DigitReader
from ..verse.poet import Poet
from .trace_format import FORMAT, Trace, bias_row, ink_rows, state_values

Difference = tuple[str, float, str]  # the kind of value, how far it is off, where


@dataclass(frozen=True)
class TraceCheck:
    """How well a model agrees with a trace."""

    tokens: int  # drawn, all as in the trace
    poems: int  # written, all as in the trace
    differences: Mapping[str, float]  # the largest by kind of value
    tolerances: Mapping[str, Any]

    def __str__(self) -> str:
        found = [
            f"{kind} {difference:.1e} (limit {self.tolerances[kind]:g})"
            for kind, difference in self.differences.items()
        ]
        drawn = [f"{self.tokens} tokens and {self.poems} poems equal"] if self.tokens else []
        return f"as in the trace: {', '.join([*drawn, *found])}, relative above 1"


def check_trace(model: Poet | DigitReader, trace: Trace) -> TraceCheck:
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
    spec = model.stepper.spec
    assert spec is not None  # Poet and DigitReader open no file without
    found = spec.weights_sha256, spec.quantization
    wanted = trace.get("weights_sha256"), trace.get("quantization")
    if found != wanted:
        raise ModelFileError(
            f"the trace is of weights {str(wanted[0])[:12]} in {wanted[1] or 'float32'}, "
            f"{model.stepper.path.name} has {found[0][:12]} in {found[1] or 'float32'}; "
            "make the trace anew with `qibu trace`"
        )
    largest: dict[str, float] = {}
    try:
        if isinstance(model, Poet):
            _want_poems(model, trace)
        for kind, difference, where in _differences(model, trace):
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
    return TraceCheck(tokens, len(trace.get("poems", [])), largest, trace["tolerances"])


def _want_poems(poet: Poet, trace: Trace) -> None:
    for poem in trace["poems"]:
        start, seed = poem["start"], poem["seed"]
        text = poet.compose(poem["form"], start=start, seed=seed, script="traditional").text
        if text != poem["text"]:
            raise VerificationError(
                f"{poem['form']}, seed {seed}: {text}, the trace has {poem['text']}"
            )


def _differences(model: Poet | DigitReader, trace: Trace) -> Iterator[Difference]:
    for sequence in trace["sequences"]:
        if isinstance(model, Poet):
            yield from _text(model, trace, sequence)
        else:
            yield from _digit(model.stepper, sequence)


def _text(poet: Poet, trace: Trace, sequence: Trace) -> Iterator[Difference]:
    stepper, size = poet.stepper, len(poet.vocabulary)
    state = stepper.initial_state()
    sampling = {name: [value] for name, value in sequence["sampling"].items()}
    for number, step in enumerate(sequence["steps"], 1):
        where = f"sequence {sequence['name']!r}, step {number}"
        inputs: dict[str, npt.ArrayLike] = {
            **sampling,
            "tokens": [step["tokens"]],
            "bias": bias_row(trace["classes"][step["class"]], size),
            "uniform": [step["uniform"]],
        }
        outputs, state = stepper.step(inputs, state)
        token, top = int(outputs["token"][0]), step["top"]
        yield "logits", _off(outputs["logits"][0, top["tokens"]], top["logits"]), where
        if token != step["token"]:
            raise VerificationError(f"{where}: token {token}, the trace has {step['token']}")
    yield from _states(stepper, state, sequence)


def _digit(stepper: Stepper, sequence: Trace) -> Iterator[Difference]:
    state = stepper.initial_state()
    pairs = zip(ink_rows(sequence["rows"]), sequence["probabilities"], strict=True)
    for number, (row, wanted) in enumerate(pairs, 1):
        outputs, state = stepper.step({"rows": row[None, None]}, state)
        where = f"sequence {sequence['name']!r}, row {number}"
        yield "probabilities", _off(outputs["probabilities"][0], wanted), where
    yield from _states(stepper, state, sequence)


def _states(stepper: Stepper, state: State, sequence: Trace) -> Iterator[Difference]:
    for pair in stepper.pairs:
        _, values = state_values(state[pair.input])
        wanted = sequence["states"][pair.output]["values"]
        yield "states", _off(values, wanted), f"sequence {sequence['name']!r}, {pair.output}"


def _off(found: npt.ArrayLike, wanted: npt.ArrayLike) -> float:
    """Give the largest difference, relative where the wanted value is above 1."""
    a, b = np.asarray(found, float), np.asarray(wanted, float)
    return float((np.abs(a - b) / np.maximum(1, np.abs(b))).max())
