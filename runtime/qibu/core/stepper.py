"""Stepping any ONNX model whose state goes in and comes out."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..text.sampler_inputs import check_text_inputs
from .arrays import Array
from .errors import InputError, ModelFileError, NotStreamingError
from .model_file import KEY, ModelSpec, StatePair
from .pairing import DTYPES, Port, find_pairs
from .providers import open_session, short_name
from .state import State


class Stepper:
    """A model file, ready to be stepped; it keeps no state of its own.

    Args:
        path: an ONNX file; one without Qibu's metadata is stepped by the names of its states.
        provider: "cpu", "cuda", … or "auto"; one that can't be had is a `ProviderError`.
        threads: within one operator.
        states: {input: output} for a file whose names leave a doubt.

    Attributes:
        spec: what the file says of itself, or None.
        pairs: its states.
        inputs: the other inputs by name; outputs: the other outputs by name.
        provider: the provider that runs, by Qibu's short name.

    Raises:
        ModelFileError: the file is missing or broken, has no state, or contradicts itself.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        provider: str = "cpu",
        threads: int = 1,
        states: Mapping[str, str] | None = None,
    ) -> None:
        self.path = Path(path)
        self.session = open_session(self.path, provider, threads)
        self.provider = short_name(self.session.get_providers()[0])
        inputs = [Port(argument) for argument in self.session.get_inputs()]
        outputs = [Port(argument) for argument in self.session.get_outputs()]
        document = self.session.get_modelmeta().custom_metadata_map.get(KEY)
        self.spec = None if document is None else self._read_spec(document, inputs, outputs)
        self.pairs: tuple[StatePair, ...]
        if self.spec is not None and states is None:
            self.pairs = self.spec.states
        else:
            self.pairs = find_pairs(inputs, outputs, states)
        carried_in = {pair.input for pair in self.pairs}
        carried_out = {pair.output for pair in self.pairs}
        self.inputs = {port.name: port for port in inputs if port.name not in carried_in}
        self.outputs = {port.name: port for port in outputs if port.name not in carried_out}
        self._fetch = [*self.outputs, *(pair.output for pair in self.pairs)]
        self._defaults = dict(self.spec.defaults) if self.spec else {}
        if self.spec:
            self.model = self.spec.weights_sha256
        else:
            import hashlib  # only for files that say nothing of themselves

            self.model = hashlib.sha256(self.path.read_bytes()).hexdigest()

    def _read_spec(self, document: str, inputs: list[Port], outputs: list[Port]) -> ModelSpec:
        try:
            spec = ModelSpec.from_json(document)
            _check_graph(spec, inputs, outputs)
        except ModelFileError as error:
            raise ModelFileError(f"{self.path}: {error}") from error
        return spec

    def initial_state(self, batch: int = 1) -> State:
        """Give the state before the first step for a number of sequences.

        Raises:
            NotStreamingError: the model reads whole sequences only.
            InputError: batch is below 1.
        """
        self._want_streaming()
        if not isinstance(batch, int | np.integer) or batch < 1:
            raise InputError(f"batch must be a whole number above 0, got {batch!r}")
        arrays = {
            pair.input: np.full(pair.shape_for(int(batch)), pair.initial, pair.dtype)
            for pair in self.pairs
        }
        return State(arrays, self.pairs, self.model)

    def step(
        self, inputs: Mapping[str, npt.ArrayLike], state: State
    ) -> tuple[dict[str, Array], State]:
        """Advance: a time axis longer than 1 reads that many steps at once.

        Args:
            inputs: every input but the states, by name; none is modified. Inputs for which
                the file has defaults may be left out.
            state: what `initial_state` or the last `step` returned; not modified.

        Returns:
            The outputs but the states, by name, and the state for the next step.

        Raises:
            NotStreamingError: the model reads whole sequences only.
            InputError: an input is missing, unknown, NaN, or has a wrong shape, type or batch.
        """
        self._want_streaming()
        self.check_state(state)
        feeds = self._check(inputs, state.batch)
        feeds.update(state)
        results = dict(zip(self._fetch, self.session.run(self._fetch, feeds), strict=True))
        carried = {pair.input: results.pop(pair.output) for pair in self.pairs}
        return results, State(carried, self.pairs, self.model)

    def run(self, inputs: Mapping[str, npt.ArrayLike]) -> dict[str, Array]:
        """Read whole sequences from the initial state and forget the state after.

        Args:
            inputs: as in `step`.

        Returns:
            The outputs but the states, by name.
        """
        if self.pairs:
            return self.step(inputs, self.initial_state(self._batch_of(inputs)))[0]
        feeds = self._check(inputs, self._batch_of(inputs))
        return dict(zip(self._fetch, self.session.run(self._fetch, feeds), strict=True))

    def check_state(self, state: State) -> None:
        """Refuse the state of another model with an `InputError`."""
        if state.model != self.model:
            raise InputError(
                f"the state belongs to another model: weights {state.model[:12]}, "
                f"{self.path.name} has {self.model[:12]}"
            )

    def _want_streaming(self) -> None:
        if not self.pairs:
            raise NotStreamingError(
                f"{self.path.name} can't be stepped: its {self.spec and self.spec.cell} network is "
                "bidirectional and reads the sequence from its end as well; "
                "give it the whole sequence with `run`"
            )

    def _batch_of(self, inputs: Mapping[str, npt.ArrayLike]) -> int:
        for name, port in self.inputs.items():
            if name in inputs and port.shape and port.shape[0] is None:
                shape = np.shape(inputs[name])
                return shape[0] if shape else 1
        return 1

    def _check(self, inputs: Mapping[str, npt.ArrayLike], batch: int) -> dict[str, Array]:
        unknown = [name for name in inputs if name not in self.inputs]
        if unknown:
            raise InputError(f"no input {unknown[0]!r}; there are {', '.join(self.inputs)}")
        feeds: dict[str, Array] = {}
        for name, port in self.inputs.items():
            if name in inputs:
                feeds[name] = _fit(inputs[name], port, batch, self.spec is not None)
            elif name in self._defaults:
                shape = [size if size is not None else batch for size in port.shape]
                feeds[name] = np.full(shape, self._defaults[name], DTYPES[port.type])
            else:
                raise InputError(f"input {port} is missing")
        if self.spec and self.spec.vocabulary:
            check_text_inputs(feeds, len(self.spec.vocabulary))
        return feeds


def _fit(value: npt.ArrayLike, port: Port, batch: int, batch_first: bool) -> Array:
    """Check one input against its port; make no copy when it fits as it is."""
    array: Array = np.asarray(value)
    wanted = DTYPES.get(port.type)
    if wanted is None:
        raise InputError(f"input {port} has a type that can't be fed")
    sizes = [size if size is not None else "any" for size in port.shape]
    if batch_first and port.shape and port.shape[0] is None:
        sizes[0] = batch
    fits = array.ndim == len(sizes) and all(
        size in ("any", got) for size, got in zip(sizes, array.shape, strict=True)
    )
    if not fits or 0 in array.shape:
        raise InputError(
            f"input {port.name!r} must be {sizes} {wanted}, got shape {list(array.shape)}"
            + (": it is empty" if 0 in array.shape else "")
        )
    if array.dtype != wanted:
        if not np.can_cast(array.dtype, wanted, "same_kind"):
            raise InputError(f"input {port.name!r} must be {wanted}, got {array.dtype}")
        array = array.astype(wanted)
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise InputError(
            f"input {port.name!r} has NaN at {np.argwhere(np.isnan(array))[0].tolist()}"
        )
    return array


TASK_PORTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (
        ("tokens", "bias", "temperature", "top_k", "top_p", "uniform"),
        ("token", "logits"),
    ),
    "digits": (("rows",), ("probabilities",)),
}


def _check_graph(spec: ModelSpec, inputs: list[Port], outputs: list[Port]) -> None:
    """Hold the metadata against the graph."""
    ins, outs = {p.name: p for p in inputs}, {p.name: p for p in outputs}
    wanted_ins, wanted_outs = TASK_PORTS[spec.task]
    wanted = (
        ("input", ins, {*wanted_ins, *(pair.input for pair in spec.states)}),
        ("output", outs, {*wanted_outs, *(pair.output for pair in spec.states)}),
    )
    for kind, ports, names in wanted:
        if names != set(ports):
            raise ModelFileError(
                f"metadata contradicts the graph: {kind}s should be {', '.join(sorted(names))}, "
                f"the graph has {', '.join(sorted(ports))}"
            )
    for pair in spec.states:
        for port in (ins[pair.input], outs[pair.output]):
            if DTYPES.get(port.type) != pair.dtype or port.shape != pair.shape:
                raise ModelFileError(
                    f"metadata contradicts the graph: state {pair.input!r} should be "
                    f"{list(pair.shape)} {pair.dtype}, the graph has {port}"
                )
    if spec.vocabulary is not None and outs["logits"].shape[-1] != len(spec.vocabulary):
        raise ModelFileError(
            f"metadata contradicts the graph: the vocabulary has {len(spec.vocabulary)} tokens, "
            f"logits are {outs['logits']}"
        )
    odd = set(spec.defaults) - set(ins)
    if odd:
        raise ModelFileError(f"metadata contradicts the graph: defaults for no input {sorted(odd)}")
