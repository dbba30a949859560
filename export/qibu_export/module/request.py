"""What `export_module` was asked for, as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from qibu.core.errors import InputError

BATCH, TIME = "batch", "time"  # the two names of axes that mean something
DTYPES: Mapping[torch.dtype, str] = {
    torch.float32: "float32",
    torch.int64: "int64",
    torch.int32: "int32",
    torch.int8: "int8",
    torch.uint8: "uint8",
    torch.bool: "bool",
}

Axes = tuple[str | None, ...]


@dataclass(frozen=True)
class Request:
    """A module's inputs and outputs, as the file shall have them."""

    inputs: Mapping[str, Tensor]  # an example of one step each
    outputs: tuple[str, ...]
    states: Mapping[str, str]  # those that forward takes and returns itself
    axes: Mapping[str, Axes]  # a state's may be missing: it is found out
    by_name: bool  # whether forward is called with names
    streaming: bool = True
    description: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)  # of the free axes in the examples
    bounded: frozenset[str] = frozenset()  # inputs whose numbers are known to be within -1..1
    names: Mapping[str, str] = field(default_factory=dict)  # of weights, instead of a beginning

    @property
    def data(self) -> tuple[str, ...]:
        """The inputs that are no states."""
        return tuple(name for name in self.inputs if name not in self.states)

    @property
    def results(self) -> tuple[str, ...]:
        """The outputs that are no states."""
        return tuple(name for name in self.outputs if name not in self.states.values())

    def call(self, model: nn.Module, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Call forward and name what it returns."""
        if self.by_name:
            returned = model(**{name: values[name] for name in self.inputs})
        else:
            returned = model(*(values[name] for name in self.inputs))
        return name_outputs(returned, self.outputs)


def batch_of(values: Mapping[str, Any], axes: Mapping[str, Axes]) -> int:
    """Give the batch of inputs, tensors or arrays; 1 where none has one."""
    sizes = [v.shape[axes[name].index(BATCH)] for name, v in values.items() if BATCH in axes[name]]
    return sizes[0] if sizes else 1


def name_outputs(returned: Any, names: Sequence[str]) -> dict[str, Tensor]:
    """Give what forward returned by name: a dict's own keys, else in order."""
    if isinstance(returned, Mapping) and set(names) == set(returned):
        leaves = [returned[name] for name in names]
    else:
        leaves = [leaf for leaf in tree_leaves(returned) if leaf is not None]
    odd = [type(leaf).__name__ for leaf in leaves if not isinstance(leaf, Tensor)]
    if odd:
        raise InputError(f"forward returns a {odd[0]}; it must return tensors only")
    if len(leaves) != len(names):
        found = ", ".join(str(list(leaf.shape)) for leaf in leaves)
        raise InputError(
            f"outputs names {len(names)}: {', '.join(names)}; forward returns {len(leaves)} "
            f"tensors, of shapes {found}; name each, in order"
        )
    return dict(zip(names, leaves, strict=True))
