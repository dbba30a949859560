"""What a caller says of how a file is stepped, where the file leaves it open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from qibu.core.arrays import Array
from qibu.core.errors import InputError
from qibu.core.stepper import Stepper

Sizes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Stepping:
    """How a file is stepped.

    Attributes:
        states: {input: output}; None: as the file says, or its names tell.
        sizes: of inputs in one step, where axes besides batch and time are free.
        constants: inputs that are the same in every step, flattened.
    """

    states: Mapping[str, str] | None = None
    sizes: Sizes = field(default_factory=dict)
    constants: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def sizes_of(self, stepper: Stepper) -> dict[str, tuple[int, ...]]:
        """Give the sizes of every input in one step: what is free and not said is 1.

        Raises:
            InputError: `sizes` or `constants` names no input, or contradicts the graph.
        """
        for name in (*self.sizes, *self.constants):
            if name not in stepper.inputs:
                raise InputError(f"no input {name!r}; there are {', '.join(stepper.inputs)}")
        found = {}
        for name, port in stepper.inputs.items():
            said = self.sizes.get(name, tuple(1 if size is None else size for size in port.shape))
            fits = len(said) == len(port.shape) and all(
                size in (None, want) and want > 0
                for size, want in zip(port.shape, said, strict=True)
            )
            if not fits:
                raise InputError(f"an example of input {port} can't be {list(said)}")
            found[name] = said
        return found

    def constants_of(self, stepper: Stepper) -> dict[str, Array]:
        """Give the inputs that never change as the graph takes them.

        Raises:
            InputError: one has another number of values, or values that its type can't hold.
        """
        sizes, found = self.sizes_of(stepper), {}
        for name, numbers in self.constants.items():
            given = np.array(numbers)
            try:
                array = np.broadcast_to(given if sizes[name] else given.reshape(()), sizes[name])
            except ValueError as error:
                raise InputError(
                    f"input {stepper.inputs[name]} can't be set to {list(numbers)}: {error}"
                ) from error
            found[name] = array.astype(stepper.inputs[name].dtype)
            if not (found[name] == array).all():
                raise InputError(f"input {stepper.inputs[name]} can't hold {list(numbers)}")
        return found


def parse_sizes(arguments: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Read `NAME=1,1,12 …`.

    Raises:
        InputError: one has no `=`, or sizes that are no whole numbers above 0.
    """
    return {
        name: tuple(int(n) for n in numbers)
        for name, numbers in _parse(arguments, "--example", whole=True).items()
    }


def parse_constants(arguments: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Read `NAME=VALUE …`, several values with commas.

    Raises:
        InputError: one has no `=`, or something that is no number.
    """
    return _parse(arguments, "--set", whole=False)


def _parse(arguments: Sequence[str], flag: str, whole: bool) -> dict[str, tuple[float, ...]]:
    found = {}
    for argument in arguments:
        name, _, text = argument.rpartition("=")
        try:
            numbers = tuple(int(part) if whole else float(part) for part in text.split(","))
        except ValueError:
            numbers = ()
        if not name or not numbers or (whole and min(numbers) < 1):
            wanted = "NAME=SIZES, as x=1,1,12" if whole else "NAME=VALUE, as rate=16000"
            raise InputError(f"{flag} takes {wanted}; got {argument!r}")
        found[name] = numbers
    return found
