"""Nothing is believed until it is compared: torch against onnxruntime, whole against stepped."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from qibu.core.arrays import Array
from qibu.core.errors import VerificationError
from qibu.core.stepper import Stepper
from qibu_train.core.recurrent import RecurrentNetwork

from .application import kind_of

# of values up to 1, and of a share of larger ones: an LSTM's cell state has no bound, trained ones
# reach 30, where neighbouring float32 numbers are 2e-6 apart and 28 steps add up their rounding
LIMIT = 1e-5
# where torch's own float32 is far from float64, the network itself makes rounding grow, and no file
# can do better: after as many steps it may then be this many times as far as torch
ROUNDING = 4.0
# of the mean over all values: 8 bits are coarse, 0.16 off in the poem LSTM, and a gate in the wrong
# place costs 0.36 and more; what is finer shows in float32, and in the figure on the test split
INT8_LIMIT = 0.2
BATCHES = (1, 3)
TIMES = (1, 7, 28)

Values = dict[str, Array]  # outputs and states by the names of the graph


@dataclass(frozen=True)
class Verification:
    """What was compared, and the largest difference found, beside its limit."""

    difference: float
    where: str
    comparisons: int
    kind: str = "max"
    limit: float = LIMIT

    def __str__(self) -> str:
        grown = f": torch's own float32 is {self.limit / ROUNDING:.1e} off"
        return (
            f"{self.kind} |onnx - torch| over {self.comparisons} comparisons: "
            f"{self.difference:.1e} ({self.where}; limit {self.limit:.2g}"
            f"{grown if self.kind == 'max' and self.limit > LIMIT else ''}, relative above 1)"
        )


def verify(network: RecurrentNetwork, stepper: Stepper, seed: int = 0) -> Verification:
    """Compare a network with its file for several batches and times, from random states.

    The torch network reading the whole sequence is the reference, in float64, so that the rounding
    of float32 counts once, the file's; torch step by step, onnxruntime whole and onnxruntime step
    by step are held against it, states included. Where torch in float32 can't hold the limit
    well either, a multiple of its own difference is the limit.
    Of a quantised file the mean differences count; one that multiplies in 8 bits has to agree with
    itself to the bit.

    Raises:
        VerificationError: something differs by more than the limit, or is not finite.
    """
    quantization = stepper.spec.quantization if stepper.spec else None
    quantised = quantization is not None
    kind, least = ("mean", INT8_LIMIT) if quantised else ("max", LIMIT)
    summary = np.mean if quantised else np.max
    generator = np.random.default_rng(seed)
    exact = deepcopy(network).double()
    worst, comparisons = Verification(0.0, "", 0, kind, least), 0
    for time in TIMES:
        cases = [_case(exact, stepper, batch, time, generator) for batch in BATCHES]
        limit = least
        if not quantised:
            limit = max(least, *(ROUNDING * _rounding(network, case) for case in cases))
        for case in cases:
            for way, values in case.found.items():
                for key, value in values.items():
                    comparisons += 1
                    difference = float(summary(_off(value, case.wanted[key])))
                    share = worst.difference / worst.limit
                    if not (difference / limit <= share or np.isnan(share)):  # NaN is worst, stays
                        where = f"{way}, {key}, batch {case.batch}, time {time}"
                        worst = Verification(difference, where, 0, kind, limit)
            if quantization == "int8":
                _want_equal(case.found, time)
    result = replace(worst, comparisons=comparisons)
    if not result.difference <= result.limit:
        raise VerificationError(f"the file does not compute what the network does: {result}")
    return result


@dataclass(frozen=True)
class _Case:
    """One batch and time: what is read, what float64 gives, what the ways to be judged gave."""

    batch: int
    sequence: Array
    states: Mapping[str, Array]
    wanted: Values
    found: Mapping[str, Values]


def _case(
    exact: RecurrentNetwork,
    stepper: Stepper,
    batch: int,
    time: int,
    generator: np.random.Generator,
) -> _Case:
    sequence = kind_of(exact).sequence(exact, batch, time, generator)
    states = _states(exact, batch, generator)
    wanted = _torch(exact, sequence, states, step=False)
    found = {"onnxruntime whole": _onnx(exact, stepper, sequence, states, step=False)}
    if not exact.kind.bidirectional:
        found["torch stepped"] = _torch(exact, sequence, states, step=True)
        found["onnxruntime stepped"] = _onnx(exact, stepper, sequence, states, step=True)
    return _Case(batch, sequence, states, wanted, found)


def _rounding(network: RecurrentNetwork, case: _Case) -> float:
    """Give how far torch in float32 is off at most; 0 where nothing is finite."""
    found = _torch(network, case.sequence, case.states, step=False)
    off = (float(np.max(_off(value, case.wanted[key]))) for key, value in found.items())
    return max((o for o in off if np.isfinite(o)), default=0.0)


def _off(value: Array, wanted: Array) -> Array:
    """Give the difference of each number, as a share of those above 1."""
    off: Array = np.abs(value - wanted) / np.maximum(1, np.abs(wanted))
    return off


def _want_equal(found: Mapping[str, Values], time: int) -> None:
    for key, value in found["onnxruntime whole"].items():
        if not np.array_equal(value, found["onnxruntime stepped"][key]):
            raise VerificationError(f"{key} of {time} steps at once and one by one differ")


def _states(
    network: RecurrentNetwork, batch: int, generator: np.random.Generator
) -> Mapping[str, Array]:
    """Give states as training leaves them, within -1..1; a bidirectional network starts at 0."""
    if network.kind.bidirectional:
        return {}
    size = (network.num_layers, batch, network.hidden_size)
    return {
        f"{name}_in": generator.uniform(-1, 1, size).astype(np.float32)
        for name in network.kind.states
    }


@torch.no_grad()
def _torch(
    network: RecurrentNetwork, sequence: Array, states: Mapping[str, Array], step: bool
) -> Values:
    dtype = next(network.parameters()).dtype
    inputs = torch.from_numpy(sequence)
    if inputs.is_floating_point():
        inputs = inputs.to(dtype)
    state: tuple[Tensor, ...] | None = (
        tuple(torch.from_numpy(value).to(dtype) for value in states.values()) or None
    )
    for part in torch.split(inputs, 1, 1) if step else (inputs,):
        logits, state = network(part, state)
    kind = kind_of(network)
    values: dict[str, Tensor] = {kind.output: kind.answer(logits)}
    if state is not None and not network.kind.bidirectional:
        values |= {f"{name}_out": s for name, s in zip(network.kind.states, state, strict=True)}
    return {name: value.numpy() for name, value in values.items()}


def _onnx(
    network: RecurrentNetwork,
    stepper: Stepper,
    sequence: Array,
    states: Mapping[str, Array],
    step: bool,
) -> Values:
    name, kept = kind_of(network).input, kind_of(network).output
    if not stepper.pairs:
        return {kept: stepper.run({name: sequence})[kept]}
    state = stepper.state_from(states)
    parts = np.split(sequence, sequence.shape[1], 1) if step else [sequence]
    for part in parts:
        outputs, state = stepper.step({name: part}, state)
    return {kept: outputs[kept], **{pair.output: state[pair.input] for pair in stepper.pairs}}
