"""Stepping one batch again and again without allocating: buffers bound once, states in turns."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from .arrays import Array
from .errors import InputError
from .port import Port
from .providers import memory_of, refused, run_session
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
        stepper: any model that can be stepped, but none whose states grow.
        state: where to begin; not modified.

    Attributes:
        on_host: whether what is written in a `buffer` is read where it lies, without `put`.
        outputs: arrays by name, written anew by every step; copy what must outlive it. Those that
            a GPU holds come over with `fetch`. An output whose sizes hang on an input's is there
            after the first step.

    Raises:
        InputError: a state grows, or is another model's.
    """

    def __init__(self, stepper: Stepper, state: State) -> None:
        stepper.check_state(state)
        growing = [pair.input for pair in stepper.pairs if pair.grows]
        if not stepper.pairs or growing:
            why = f"its state {growing[0]!r} may change its size" if growing else "it has no state"
            raise InputError(
                f"{stepper.path.name} can't be streamed, {why}: step it with `Stepper.step`"
            )
        self.batch = state.batch
        self._stepper = stepper
        self._session = stepper.session
        self._memory = memory_of(stepper.provider)
        self.on_host = self._memory == "cpu"
        defaults = stepper.spec.defaults if stepper.spec else {}
        self._bound = {
            name: self._buffer(port, self._sizes(port, stepper.batch_axes.get(name), 1), default)
            for name, port in stepper.inputs.items()
            for default in (defaults.get(name, 0.0),)
        }
        self._buffers = {(name, b.array.shape): b for name, b in self._bound.items()}
        self._outputs = {
            name: self._buffer(port, sizes)
            for name, port in stepper.outputs.items()
            for sizes in (self._known_sizes(port),)
            if sizes is not None
        }
        # whose sizes hang on an input's, and those of them that are to be found anew
        self._hanging = [name for name in stepper.outputs if name not in self._outputs]
        self._unsized = self._hanging
        self.outputs = {name: buffer.array for name, buffer in self._outputs.items()}
        self._states = [
            {pair.input: _Buffer(array.copy(), self._memory) for pair, array in zipped}
            for zipped in (list(zip(stepper.pairs, state.values(), strict=True)),) * 2
        ]
        self._bindings = [self._bind(0, 1), self._bind(1, 0)]
        self._held = [dict(self._bound), dict(self._bound)]  # what each binding reads
        self._late: list[dict[str, _Buffer]] = [{}, {}]  # what it is to read from its next turn on
        self._turn = 0  # which of the two the next step reads

    def _buffer(self, port: Port, sizes: list[int], value: float = 0.0) -> _Buffer:
        return _Buffer(np.full(sizes, value, port.dtype), self._memory)

    def _sizes(self, port: Port, batch_axis: int | None, free: int) -> list[int]:
        return [
            size if size is not None else self.batch if axis == batch_axis else free
            for axis, size in enumerate(port.shape)
        ]

    def _known_sizes(self, port: Port) -> list[int] | None:
        """Give the sizes of an output if they don't hang on what is fed; else None."""
        sizes: list[int] = []
        for size, axis in zip(port.shape, port.axes, strict=True):
            if size is not None:
                sizes.append(size)
            elif axis is not None and axis in self._batch_symbols:
                sizes.append(self.batch)
            else:
                return None
        return sizes

    @property
    def _batch_symbols(self) -> set[int | str | None]:
        ports = self._stepper.inputs
        axes = {ports[name].axes[axis] for name, axis in self._named_axes()}
        return axes - {None}

    def _named_axes(self) -> list[tuple[str, int]]:
        found = self._stepper.batch_axes.items()
        return [(name, axis) for name, axis in found if axis is not None]

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
        """Copy an input into its buffer, unless it is that; each shape has one of its own.

        Raises:
            InputError: there is no such input.
        """
        key = name, values.shape
        buffer = self._buffers.get(key)
        if buffer is None:  # a prompt is longer than a step
            if name not in self._bound:
                raise InputError(f"no input {name!r}; there are {', '.join(self._bound)}")
            dtype = self._bound[name].array.dtype
            buffer = self._buffers[key] = _Buffer(np.empty(values.shape, dtype), self._memory)
        if values is not buffer.array:
            np.copyto(buffer.array, values)
        buffer.upload()
        if self._bound[name] is not buffer:
            self._bound[name] = buffer
            for late in self._late:
                late[name] = buffer
            self._unsized = self._hanging

    def step(self, inputs: Mapping[str, npt.ArrayLike] | None = None) -> None:
        """Advance every sequence by what the inputs hold.

        Args:
            inputs: checked as `Stepper.step` does and put first; None: what was `put`, unchecked.

        Raises:
            InputError: an input is missing, unknown, NaN, or has a wrong shape, type or batch.
            RunError: the graph refuses the inputs.
        """
        if inputs is not None:
            for name, values in self._stepper.fit(inputs, self.batch).items():
                self.put(name, values)
        if self._unsized:
            self._find_sizes()
        turn = self._turn
        binding, late = self._bindings[turn], self._late[turn]
        if late:
            held = self._held[turn]
            for name, buffer in late.items():
                if held[name] is not buffer:
                    binding.bind_ortvalue_input(name, buffer.value)
                    held[name] = buffer
            late.clear()
        try:
            self._session.run_with_iobinding(binding)
        except Exception as error:  # onnxruntime's exceptions share no public base class
            raise refused(self._fed(), error) from error
        self._turn = 1 - turn

    def _fed(self) -> dict[str, Array]:
        now = {**self._bound, **self._states[self._turn]}
        return {name: buffer.array for name, buffer in now.items()}

    def _find_sizes(self) -> None:
        """Run the step once without buffers for the outputs whose sizes hang on an input's."""
        for buffer in self._states[self._turn].values():
            buffer.download()
        found = run_session(self._session, self._unsized, self._fed())
        for name, array in zip(self._unsized, found, strict=True):
            if name not in self._outputs or self._outputs[name].array.shape != array.shape:
                buffer = self._outputs[name] = _Buffer(np.empty_like(array), self._memory)
                self.outputs[name] = buffer.array
                for binding in self._bindings:
                    binding.bind_ortvalue_output(name, buffer.value)
        self._unsized = []

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
        return State(arrays, self._stepper.pairs, self._stepper.identity)
