"""Stepping any ONNX model whose state goes in and comes out."""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .applications import Application, find_application
from .arrays import Array
from .axes import batch_axes_of_data, fixed_batch
from .errors import InputError, ModelFileError, NotStreamingError
from .feeds import Feed, Feeds
from .graph_check import read_part
from .identity import ModelIdentity
from .model_file import KEY, ModelSpec
from .pairing import find_pairs
from .port import Port, StatePair
from .providers import document_of, open_session, run_session, short_name
from .state import State


class Stepper:
    """A model file, ready to be stepped; it keeps no state of its own.

    Args:
        path: an ONNX file; one without Qibu's metadata is stepped by the names of its states.
        provider: "cpu", "cuda", … or "auto"; one that can't be had is a `ProviderError`.
        threads: within one operator.
        states: {input: output} for a file whose names leave a doubt.
        axes: {state input: what its axes are} for a file whose shapes leave a doubt: of each axis
            "batch", the length that it begins with (0 for a cache that grows), or None.

    Attributes:
        spec: what the file says of itself, or None.
        application: what is known of the file's task, or None.
        part: what the application reads in the file's part for it, or None.
        pairs: its states.
        inputs: the other inputs by name; outputs: the other outputs by name.
        provider: the provider that runs, by Qibu's short name.

    Raises:
        ModelFileError: the file is missing or broken, has no state, or contradicts itself.
        InputError: `states` or `axes` names what the graph lacks.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        provider: str = "cpu",
        threads: int = 1,
        states: Mapping[str, str] | None = None,
        axes: Mapping[str, Sequence[str | int | None]] | None = None,
    ) -> None:
        self.path = Path(path)
        self.session = open_session(self.path, provider, threads)
        self.identity = ModelIdentity(self.path)
        self.provider = short_name(self.session.get_providers()[0])
        inputs = [Port.of(argument) for argument in self.session.get_inputs()]
        outputs = [Port.of(argument) for argument in self.session.get_outputs()]
        self.spec: ModelSpec | None = None
        self.application: Application | None = None
        self.part: Any = None
        try:
            document = document_of(self.session, KEY)
            if document is not None:
                self.spec = ModelSpec.from_json(document)
                self.application = find_application(self.spec)
                self.part = read_part(self.spec, self.application, inputs, outputs)
            self.pairs: tuple[StatePair, ...] = (
                self.spec.states
                if self.spec is not None and states is None
                else find_pairs(inputs, outputs, states, axes)
            )
        except ModelFileError as error:
            raise type(error)(f"{self.path}: {error}") from error
        carried_in = {pair.input for pair in self.pairs}
        carried_out = {pair.output for pair in self.pairs}
        self.inputs = {port.name: port for port in inputs if port.name not in carried_in}
        self.outputs = {port.name: port for port in outputs if port.name not in carried_out}
        self._fetch = [*self.outputs, *(pair.output for pair in self.pairs)]
        self._count = len(self.outputs)
        self._names = [pair.input for pair in self.pairs]
        self.batch_axes = self._batch_axes(inputs)
        self.fixed_batch = fixed_batch(inputs, self.pairs)
        self._feeds = self._make_feeds()

    @property
    def model(self) -> str:
        """The SHA-256 of all that was loaded, weights in side files included."""
        return self.identity.digest

    def initial_state(self, batch: int = 1) -> State:
        """Give the state before the first step for a number of sequences.

        Args:
            batch: how many; of a file that fixes the number, 1 stands for that.

        Raises:
            NotStreamingError: the model reads whole sequences only.
            InputError: batch is below 1, or the file fixes another.
        """
        self._want_streaming()
        rows = self._want_batch(batch)
        arrays = {pair.input: pair.initial_array(rows) for pair in self.pairs}
        return State(arrays, self.pairs, self.identity)

    def state_from(self, arrays: Mapping[str, npt.ArrayLike]) -> State:
        """Give a state that holds one's own arrays.

        Args:
            arrays: one for each state, by input name; copied.

        Raises:
            NotStreamingError: the model reads whole sequences only.
            InputError: one is missing, unknown, or has a wrong shape, type or batch.
        """
        self._want_streaming()
        unknown = [name for name in arrays if name not in self._names]
        if unknown:
            raise InputError(f"no state {unknown[0]!r}; there are {', '.join(self._names)}")
        copied: dict[str, Array] = {}
        for pair in self.pairs:
            if pair.input in arrays:
                array = np.asarray(arrays[pair.input])
                if not np.can_cast(array.dtype, pair.dtype, "same_kind"):
                    raise InputError(
                        f"state {pair.input!r} must be {pair.dtype}, got {array.dtype}"
                    )
                copied[pair.input] = array.astype(pair.dtype)
        state = State(copied, self.pairs, self.identity)
        self._want_batch(state.batch)
        return state

    def step(
        self, inputs: Mapping[str, npt.ArrayLike], state: State
    ) -> tuple[dict[str, Array], State]:
        """Advance: a time axis longer than 1 reads that many steps at once.

        Args:
            inputs: every input but the states, by name; none is modified. Inputs for which
                the file has defaults may be left out.
            state: what `initial_state`, `state_from` or the last `step` returned; not modified.

        Returns:
            The outputs but the states, by name, and the state for the next step.

        Raises:
            NotStreamingError: the model reads whole sequences only.
            InputError: an input is missing, unknown, NaN, or has a wrong shape, type or batch.
            RunError: the graph refuses the inputs.
        """
        if not self.pairs:
            self._want_streaming()
        if state._model is not self.identity or state._pairs is not self.pairs:
            self.check_state(state)
        feeds = self._feeds.fit(inputs, state._batch)
        feeds.update(state._arrays)
        results = run_session(self.session, self._fetch, feeds)
        count = self._count
        after = state._after(results[count:], self.pairs, self.identity)
        if after._batch != state._batch:
            raise InputError(
                f"inputs of {after.batch} sequences met a state of {state.batch}; "
                f"begin with initial_state({after.batch})"
            )
        return dict(zip(self.outputs, results[:count], strict=True)), after

    def fit(self, inputs: Mapping[str, npt.ArrayLike], batch: int) -> dict[str, Array]:
        """Give inputs as the graph takes them, checked, defaults filled in; errors as in `step`."""
        return self._feeds.fit(inputs, batch)

    def run(self, inputs: Mapping[str, npt.ArrayLike]) -> dict[str, Array]:
        """Read whole sequences from the initial state and forget the state after.

        Args:
            inputs: as in `step`.

        Returns:
            The outputs but the states, by name.
        """
        batch = self._batch_of(inputs)
        if self.pairs:
            return self.step(inputs, self.initial_state(batch))[0]
        feeds = self._feeds.fit(inputs, batch)
        return dict(zip(self._fetch, run_session(self.session, self._fetch, feeds), strict=True))

    def check_state(self, state: State) -> None:
        """Refuse the state of another model, or of other states, with an `InputError`."""
        if not state.is_of(self.identity):
            raise InputError(
                f"the state belongs to another model: {state.model[:12]}, "
                f"{self.path.name} has {self.model[:12]}"
            )
        if state._pairs != self.pairs:
            raise InputError(
                f"the state has {', '.join(state) or 'nothing'}; {self.path.name} as it was opened "
                f"carries {', '.join(self._names)}"
            )

    def _want_streaming(self) -> None:
        if not self.pairs:
            raise NotStreamingError(
                f"{self.path.name} can't be stepped: its network is bidirectional or reads the "
                "sequence from its end in another way; give it the whole sequence with `run`"
            )

    def _want_batch(self, batch: int) -> int:
        if not isinstance(batch, int | np.integer) or batch < 1:
            raise InputError(f"batch must be a whole number above 0, got {batch!r}")
        if self.fixed_batch is not None and batch == 1:
            return self.fixed_batch
        if self.fixed_batch not in (None, batch):
            raise InputError(
                f"batch must be {self.fixed_batch}, which {self.path.name} fixes, got {batch}; "
                "export it with a free batch to step others"
            )
        return int(batch)

    def _batch_axes(self, inputs: Sequence[Port]) -> dict[str, int | None]:
        """Give the batch axis of each input: as the file says, else as names and sizes tell."""
        found = batch_axes_of_data(inputs, self.pairs)
        if self.spec is not None:
            for name, note in self.spec.ports.items():
                if name in found and note.batch_axis is not None:
                    found[name] = note.batch_axis
        return found

    def _make_feeds(self) -> Feeds:
        defaults = self.spec.defaults if self.spec is not None else {}
        feeds = {
            name: Feed(
                port,
                self.batch_axes.get(name),
                self._takes_empty,
                defaults.get(name),
            )
            for name, port in self.inputs.items()
        }
        make = self.application and self.application.feeds_check
        return Feeds(feeds, make(self.part) if make else None)

    @cached_property
    def _operators(self) -> frozenset[str]:
        content = self.identity.content
        return frozenset(("RNN", "GRU", "LSTM") if content is None else content.operators)

    def _takes_empty(self) -> bool:
        """Say whether an input may be empty: onnxruntime's recurrent operators end the process."""
        return self.application is None and not {"RNN", "GRU", "LSTM"} & self._operators

    def _batch_of(self, inputs: Mapping[str, npt.ArrayLike]) -> int:
        for name, axis in self.batch_axes.items():
            if name in inputs and axis is not None:
                shape = np.shape(inputs[name])
                return shape[axis] if len(shape) > axis else 1
        return 1
