"""Steps for a golden trace: noted, and of draws that another machine makes too."""

from typing import Any

import numpy as np

from ..core.arrays import Int64Array
from ..core.state import State
from ..core.stepper import Stepper
from ..quality.trace_format import TOLERANCES, rounded
from .sampling import Sampling
from .token_stream import TokenStepper, Uniform

TOP = 5  # of the logits of a step, the largest are kept
NEIGHBOURS = 16  # logits beside the model's own that must draw the same token


class UnsteadyDraw(Exception):
    """A token hangs on the last digits of the logits."""


class SteadySteps(TokenStepper):
    """Steps of one text, noted as a trace keeps them.

    Raises:
        UnsteadyDraw: at a step that would draw another token of logits that are a little off.
    """

    def __init__(self, stepper: Stepper, sampling: Sampling) -> None:
        super().__init__(stepper, stepper.initial_state(), sampling)
        self.notes: list[dict[str, Any]] = []

    def step(self, tokens: Int64Array, uniform: Uniform) -> Int64Array:
        """Read tokens and draw the next one, if it stands."""
        before, tokens = self.state, tokens.reshape(1, -1)
        drawn = super().step(tokens, uniform)
        token, logits = int(drawn[0]), self.logits[0]
        self._want_steady(before, tokens, uniform, token)
        top = np.argsort(-logits, kind="stable")[:TOP]
        self.notes.append(
            {
                "tokens": tokens[0].tolist(),
                "uniform": float(uniform[0]),
                "token": token,
                "top": {"tokens": top.tolist(), "logits": rounded(logits[top])},
            }
        )
        return drawn

    def _want_steady(self, before: State, tokens: Int64Array, uniform: Uniform, token: int) -> None:
        """Draw again and again with a bias that adds what the logits may be off."""
        spec = self.stepper.spec
        assert spec is not None  # a Poet's stepper
        noise = np.random.default_rng(0).uniform(-1, 1, (NEIGHBOURS, self.bias.shape[1]))
        noise *= float(TOLERANCES[spec.quantization]["draw"])
        neighbours = TokenStepper(self.stepper, before.fork(NEIGHBOURS), self.sampling)
        neighbours.bias[:] = (self.bias + noise).astype(np.float32)
        drawn = neighbours.step(np.repeat(tokens, NEIGHBOURS, 0), np.repeat(uniform, NEIGHBOURS))
        if not (drawn == token).all():
            raise UnsteadyDraw
