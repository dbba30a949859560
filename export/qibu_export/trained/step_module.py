"""A run's network as a module like any other: its states are arguments and results."""

from torch import Tensor, nn

from qibu_train.core.recurrent import RecurrentNetwork

from ..module.checks import check_request
from ..module.request import Request
from .application import ExportKind


class StepModule(nn.Module):
    """Calls a network with its states one by one; one that reads both ways has none."""

    def __init__(self, network: RecurrentNetwork, kind: ExportKind) -> None:
        super().__init__()
        self.network, self.kind = network, kind
        self.states = () if network.kind.bidirectional else network.kind.states

    def forward(self, inputs: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Give the answer after the last time step, and the states."""
        answer, after = self.network(inputs, states or None)
        return (self.kind.answer(answer), *after[: len(self.states)])

    def request(self, path: object, precision: str) -> Request:
        """Give what the door is asked for."""
        size = (self.network.num_layers, 1, self.network.hidden_size)
        weight = next(self.network.parameters())
        states = {f"{name}_in": f"{name}_out" for name in self.states}
        first = {name: weight.new_zeros(size) for name in states}
        example = self.kind.example(self.network)
        free = ("batch", "time", *[None] * (example.dim() - 2))
        return check_request(
            self,
            path,
            {self.kind.input: example, **first},
            [self.kind.output, *states.values()],
            states,
            {self.kind.input: free},
            precision,
            "",
            bool(states),
            bounded=frozenset({self.kind.input} if self.kind.bounded else ()),
            names={
                **{f"network.{name}": short for name, short in self.kind.weights.items()},
                "network.rnn.": "",
            },
        )
