"""Stepping one batch again and again without allocating: buffers bound once, states in turns."""

import numpy as np
import onnxruntime as ort

from .arrays import Array
from .errors import InputError
from .pairing import DTYPES, Port
from .providers import memory_of
from .state import State
from .stepper import Stepper


class _Buffer:
    """An array that the session reads or writes where it lies; on a GPU, its counterpart there."""

    def __init__(self, array: Array, memory: str) -> None:
        self.array = array
        self._on_host = memory == "cpu"
        place = () if self._on_host else (memory, 0)
        self.value = ort.OrtValue.ortvalue_from_numpy(array, *place)

    def upload(self) -> None:
        if not self._on_host:
            self.value.update_inplace(self.array)

    def download(self) -> None:
        if not self._on_host:
            np.copyto(self.array, self.value.numpy())


class Stream:
    """One batch of sequences on its way through a model, for one thread.

    Every input and output has one buffer, every state two that take turns, all bound once: a step
    allocates nothing. `Stepper.step` is the face without memory; this is the one without copies.

    Args:
        stepper: a model with Qibu's metadata.
        state: where to begin; not modified.

    Attributes:
        outputs: arrays by name, written anew by every step; copy what must outlive it. Those that
            a GPU holds come over with `fetch`.

    Raises:
        InputError: the model has no metadata, so its sizes aren't known before it runs, or the
            state is another model's.
    """

    def __init__(self, stepper: Stepper, state: State) -> None:
        if stepper.spec is None or not stepper.pairs:
            raise InputError(f"{stepper.path.name} can't be streamed: step it with `Stepper.step`")
        stepper.check_state(state)
        self.batch = state.batch
        self._stepper = stepper
        self._session = stepper.session
        self._memory = memory_of(stepper.provider)
        defaults = stepper.spec.defaults
        self._bound = {
            name: self._buffer(port, defaults.get(name, 0.0))
            for name, port in stepper.inputs.items()
        }
        self._buffers = {(name, b.array.shape): b for name, b in self._bound.items()}
        self._outputs = {name: self._buffer(port) for name, port in stepper.outputs.items()}
        self.outputs = {name: buffer.array for name, buffer in self._outputs.items()}
        self._states = [
            {pair.input: _Buffer(array.copy(), self._memory) for pair, array in zipped}
            for zipped in (list(zip(stepper.pairs, state.values(), strict=True)),) * 2
        ]
        self._bindings = [self._bind(0, 1), self._bind(1, 0)]
        self._held = [dict(self._bound), dict(self._bound)]  # what each binding reads
        self._late: list[dict[str, _Buffer]] = [{}, {}]  # what it is to read from its next turn on
        self._turn = 0  # which of the two the next step reads

    def _buffer(self, port: Port, value: float = 0.0) -> _Buffer:
        sizes = [size if size is not None else 1 for size in port.shape]
        if port.shape and port.shape[0] is None:
            sizes[0] = self.batch
        return _Buffer(np.full(sizes, value, DTYPES[port.type]), self._memory)

    def _bind(self, read: int, write: int) -> ort.IOBinding:
        binding = self._session.io_binding()
        for name, buffer in {**self._bound, **self._states[read]}.items():
            binding.bind_ortvalue_input(name, buffer.value)
        for name, buffer in self._outputs.items():
            binding.bind_ortvalue_output(name, buffer.value)
        for pair in self._stepper.pairs:
            binding.bind_ortvalue_output(pair.output, self._states[write][pair.input].value)
        return binding

    def buffer(self, name: str) -> Array:
        """Give the array that an input is read from, to be written in place and then `put`."""
        return self._bound[name].array

    def put(self, name: str, values: Array) -> None:
        """Copy an input into its buffer, unless it is that; each shape has one of its own."""
        key = name, values.shape
        buffer = self._buffers.get(key)
        if buffer is None:  # a prompt is longer than a step
            dtype = self._bound[name].array.dtype
            buffer = self._buffers[key] = _Buffer(np.empty(values.shape, dtype), self._memory)
        if values is not buffer.array:
            np.copyto(buffer.array, values)
        buffer.upload()
        if self._bound[name] is not buffer:
            self._bound[name] = buffer
            for late in self._late:
                late[name] = buffer

    def step(self) -> None:
        """Advance every sequence by what the inputs hold."""
        turn = self._turn
        binding, late = self._bindings[turn], self._late[turn]
        if late:
            held = self._held[turn]
            for name, buffer in late.items():
                if held[name] is not buffer:
                    binding.bind_ortvalue_input(name, buffer.value)
                    held[name] = buffer
            late.clear()
        self._session.run_with_iobinding(binding)
        self._turn = 1 - turn

    def fetch(self, name: str) -> Array:
        """Give an output of the last step, brought over from where the model runs."""
        self._outputs[name].download()
        return self.outputs[name]

    def state(self) -> State:
        """Give the state after the last step, in memory of its own."""
        buffers = self._states[self._turn]
        for buffer in buffers.values():
            buffer.download()
        arrays = {name: buffer.array.copy() for name, buffer in buffers.items()}
        return State(arrays, self._stepper.pairs, self._stepper.model)
