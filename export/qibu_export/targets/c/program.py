"""What comes with a step in C: a program that uses it, its check, what fills their templates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qibu.core.stepper import Stepper

from ...core.registry import program_module
from ..stepping import Stepping
from .c_step import CStep


@dataclass(frozen=True)
class CProgram:
    """The C of one application around a step.

    Attributes:
        name: of the program and its source, NAME.c among the templates.
        what: the step is of, in words: "a network that reads handwritten digits".
        templates: the folder of NAME.c, `check.c` and whatever else goes in.
        shared: files beside those, of another program.
        finish: for a page, where C has no such outputs, the function `finish` in C: after the last
            step it computes them from the arrays of the file's inputs and outputs, by their names.
        trace: the bare numbers that `check.c` reads, a line at a time.
        values: what fills the templates; see `c_files`.
        outputs: of the graph, those that C keeps; empty: all.
    """

    name: str
    what: str
    templates: Path
    trace: Callable[[CStep], Iterator[str]]
    values: Callable[[CStep], Mapping[str, str]]
    outputs: frozenset[str] = field(default_factory=frozenset)
    shared: Sequence[Path] = ()
    finish: str = ""


def program_of(stepper: Stepper, stepping: Stepping) -> CProgram:
    """Give the C program of a file: that of its application, else one that steps anything."""
    from .any_program import any_program

    module = program_module(stepper.application.name if stepper.application else None)
    if module is None:
        return any_program(stepper, stepping)
    program: CProgram = module.program(stepper)
    return program
