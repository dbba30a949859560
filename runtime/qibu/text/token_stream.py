"""Drawing the characters of a batch of poems, one step at a time."""

from typing import cast

from ..core.arrays import Float32Array, Int64Array
from ..core.state import State
from ..core.stepper import Stepper
from ..core.stream import Stream
from .sampling import Sampling


class Writer:
    """A text model's `Stream` with its sampler: tokens in, the drawn tokens out.

    Args:
        stepper: a text model.
        state: where to begin, one sequence a poem; not modified.
        sampling: how a character is drawn.

    Attributes:
        bias: (batch, vocabulary) float32, added to the logits of every draw: 0 or -inf for a mask.
            Write in it; the session reads it where it lies. It begins at 0.
    """

    def __init__(self, stepper: Stepper, state: State, sampling: Sampling) -> None:
        self._stream = Stream(stepper, state)
        vocabulary_size = self._stream.outputs["logits"].shape[1]
        for name, value in sampling.feeds(vocabulary_size).items():
            self._stream.put(name, value)
        self.bias = cast(Float32Array, self._stream.buffer("bias"))

    def step(self, tokens: Int64Array, uniform: Float32Array) -> Int64Array:
        """Read tokens and draw the next ones.

        Args:
            tokens: (batch, time) int64, one or more that each poem goes on with.
            uniform: (batch,) float32 in [0, 1), one number a draw.

        Returns:
            (batch,) int64, overwritten by the next step.
        """
        stream = self._stream
        stream.put("tokens", tokens)
        stream.put("bias", self.bias)
        stream.put("uniform", uniform)
        stream.step()
        return cast(Int64Array, stream.fetch("token"))

    @property
    def logits(self) -> Float32Array:
        """Logits (batch, vocabulary) float32 of the last step, before bias and temperature."""
        return cast(Float32Array, self._stream.fetch("logits"))

    def state(self) -> State:
        """Give the state after the last step, in memory of its own."""
        return self._stream.state()
