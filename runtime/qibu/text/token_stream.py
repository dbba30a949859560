"""Steps of a text model, sampler included: tokens in, the tokens drawn after them out.

`TokenStream` steps in place and copies nothing; `TokenStepper` gives a state after each step, to be
kept, forked or gone back to.
"""

from collections.abc import Sequence
from typing import Any, Protocol, cast

import numpy as np

from ..core.arrays import Float32Array, Int64Array
from ..core.state import State
from ..core.stepper import Stepper
from ..core.stream import Stream
from .sampling import Sampling

Uniform = Sequence[float] | Float32Array


class TokenSteps(Protocol):
    """What draws a token for every text of a batch.

    Attributes:
        bias: (batch, vocabulary) float32, added to the logits of every draw: 0 or -inf for a mask.
            Write in it. It begins at 0.
    """

    bias: Float32Array

    def step(self, tokens: Int64Array, uniform: Uniform) -> Int64Array:
        """Read tokens and draw the next ones.

        Args:
            tokens: (batch, time) int64, one or more that each text goes on with; or the very
                array that the last step gave.
            uniform: (batch,) in [0, 1), one number a draw.

        Returns:
            (batch,) int64, overwritten by the next step.
        """

    @property
    def logits(self) -> Float32Array:
        """Logits (batch, vocabulary) float32 of the last step, before bias and temperature."""


class TokenStream:
    """A text model's `Stream` with its sampler: `TokenSteps` without copies.

    The session reads `bias` where it lies.

    Args:
        stepper: a text model.
        state: where to begin, one sequence a text; not modified.
        sampling: how a token is drawn.
    """

    def __init__(self, stepper: Stepper, state: State, sampling: Sampling) -> None:
        self._stream = Stream(stepper, state)
        vocabulary_size = self._stream.outputs["logits"].shape[1]
        for name, value in sampling.feeds(vocabulary_size).items():
            self._stream.put(name, value)
        self.bias = cast(Float32Array, self._stream.buffer("bias"))
        self._one = self._stream.buffer("tokens")  # a token a text
        self._column = self._one[:, 0]
        self._uniform = memoryview(cast(Any, self._stream.buffer("uniform")))
        self._drawn = cast(Int64Array, self._stream.outputs["token"])
        self._goes_on = False  # whether the next step may read what this one draws from `_one`

    def step(self, tokens: Int64Array, uniform: Uniform) -> Int64Array:
        """Read tokens and draw the next ones, as `TokenSteps` says."""
        stream = self._stream
        if self._goes_on and tokens is self._drawn:  # a small network is no slower than this is
            self._column[:] = tokens
            for place, number in enumerate(uniform):
                self._uniform[place] = number
        else:
            stream.put("tokens", tokens.reshape(len(self._column), -1))
            stream.put("bias", self.bias)
            stream.put("uniform", np.asarray(uniform, np.float32))
            self._goes_on = stream.on_host and stream.buffer("tokens") is self._one
        stream.step()
        return self._drawn if self._goes_on else cast(Int64Array, stream.fetch("token"))

    @property
    def logits(self) -> Float32Array:
        """Logits (batch, vocabulary) float32 of the last step, before bias and temperature."""
        return cast(Float32Array, self._stream.fetch("logits"))

    def state(self) -> State:
        """Give the state after the last step, in memory of its own."""
        return self._stream.state()


class TokenStepper:
    """A text model's `Stepper` with its sampler: `TokenSteps` whose states are values.

    Args:
        stepper: a text model.
        state: where to begin, one sequence a text; not modified.
        sampling: how a token is drawn.

    Attributes:
        state: after the last step; every step leaves the one before as it is.
        stepper: as given; sampling: as given.
    """

    def __init__(self, stepper: Stepper, state: State, sampling: Sampling) -> None:
        vocabulary_size = stepper.outputs["logits"].shape[1]
        assert vocabulary_size is not None  # a text model's vocabulary is fixed
        self.state = state
        self.bias: Float32Array = np.zeros((state.batch, vocabulary_size), np.float32)
        self.stepper, self.sampling = stepper, sampling
        self._feeds = sampling.feeds(vocabulary_size)
        self._logits: Float32Array | None = None

    def step(self, tokens: Int64Array, uniform: Uniform) -> Int64Array:
        """Read tokens and draw the next ones, as `TokenSteps` says."""
        inputs = {
            **self._feeds,
            "tokens": tokens.reshape(self.state.batch, -1),
            "bias": self.bias,
            "uniform": np.asarray(uniform, np.float32),
        }
        outputs, self.state = self.stepper.step(inputs, self.state)
        self._logits = outputs["logits"]
        return cast(Int64Array, outputs["token"])

    @property
    def logits(self) -> Float32Array:
        """Logits (batch, vocabulary) float32 of the last step, before bias and temperature."""
        assert self._logits is not None  # nobody asks before the first step
        return self._logits
