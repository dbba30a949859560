"""The one registry of applications: what is done with files of a task, found when one is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from .arrays import Array
from .errors import InputError
from .model_file import ModelSpec
from .port import Port
from .registry import KNOWN

CheckFeeds = Callable[[Mapping[str, Array]], None]


@dataclass(frozen=True)
class Application:
    """What Qibu does with the files of one task; all but `task` and `open` may be left out.

    Attributes:
        task: what a file's document calls it; its own part stands under the same name.
        open: makes of a `Stepper` what `qibu.load` gives.
        inputs: besides states, what the graph has to have, by name; empty: anything.
        outputs: likewise.
        read_part: reads the task's own part of the document, given the graph's inputs and outputs
            by name; what it gives becomes `Stepper.part`. Raises a `ModelFileError` where the part
            is broken or contradicts the graph.
        feeds_check: makes, of the part that was read, what checks the values of every step's inputs
            and raises an `InputError`; None: shapes and types are enough.
        quality: the module that measures, describes and traces such a file; see `qibu.quality`.
        name: what tells it from others for the same task; "": the task.
        takes: says whether a file of the task is of the kind that it is for, by what the file says
            of itself, which nobody has checked yet; None: every one is.
    """

    task: str
    open: Callable[[Any], Any]
    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    read_part: Callable[[ModelSpec, Mapping[str, Port], Mapping[str, Port]], Any] | None = None
    feeds_check: Callable[[Any], CheckFeeds] | None = None
    quality: str | None = None
    name: str = ""
    takes: Callable[[ModelSpec], bool] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.task)

    def quality_module(self) -> ModuleType | None:
        """Read the module that measures, describes and traces."""
        return None if self.quality is None else import_module(self.quality)


def register(application: Application) -> Application:
    """Make an application known, from now on and for this process.

    Raises:
        InputError: another one has that task.
    """
    known = KNOWN.setdefault(application.task, [application])
    if known != [application]:
        raise InputError(f"task {application.task!r} has an application already; choose a new name")
    return application


def find_application(spec: ModelSpec) -> Application | None:
    """Give the application of a file; None: nothing is known of its task, it is just stepped."""
    if spec.task is None:
        return None
    known = applications_for(spec.task)
    return next((one for one in known if one.takes is None or one.takes(spec)), None)


def applications_for(task: str) -> list[Application]:
    """Give the applications for a task, in the order in which they are asked."""
    known = KNOWN.get(task, [])
    for place, found in enumerate(known):
        if isinstance(found, str):
            known[place] = import_module(found).APPLICATION
    return [found for found in known if isinstance(found, Application)]


def applications() -> list[Application]:
    """Give all applications."""
    return [application for task in KNOWN for application in applications_for(task)]
