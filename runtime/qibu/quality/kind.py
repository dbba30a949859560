"""What an application tells of the quality of its files: the form that its module fills."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.applications import applications, find_application
from ..core.arrays import Array
from ..core.errors import InputError, ModelFileError
from ..core.model_file import ModelSpec
from ..data.registry import data_folder
from .trace_format import Difference, Trace

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Source:
    """A data set as a card tells of it."""

    title: str
    url: str
    licence: str
    command: str


@dataclass(frozen=True)
class CardTexts:
    """What a card says of every file of an application.

    Attributes:
        purpose: in a sentence; `whole` where the file can't be stepped.
        figures: (key in the file's quality, words, what is added to the command that gives it).
        measured_on: filled with the file's quality.
        sources: by the names in a training record.
        split: how data were parted.
        limits: what not to expect.
        licence: of the weights; "": nothing is said.
        python: the lines that use `model`, imports first; `javascript` likewise.
        facts: rows of the card's first table that only such files have.
        train_options: what the command that trains needs besides.
    """

    purpose: str
    figures: Sequence[tuple[str, str, str]]
    measured_on: str
    sources: Mapping[str, Source]
    split: str
    limits: Sequence[str]
    python: Sequence[str]
    javascript: str
    whole: str = ""
    licence: str = "MIT, as the package"
    facts: Callable[[ModelSpec], Sequence[tuple[str, str]]] = field(default=lambda spec: ())
    train_options: str = ""


@dataclass(frozen=True)
class Evaluation:
    """What `qibu evaluate` does for an application."""

    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Any, Path, argparse.Namespace, Progress], dict[str, Any]]
    show: Callable[[Mapping[str, Any], argparse.Namespace], str]


@dataclass(frozen=True)
class Quality:
    """How files of an application are measured, told of and traced.

    Attributes:
        command: what commands call the application; also its default bundled model.
        figure: by which files are compared.
        dataset: on which, by its name in the registry of data; None: on a file that is given.
        measure: gives what a file is to say of itself, of the folder of the data or of that file.
        trace_parts: gives what a golden trace holds besides its head.
        trace_differences: steps through a trace and gives how far every value is off.
        own_trace: gives the inputs of the steps that a file carries as its own test.
        card_of: gives the texts of a file's card where not all have the same; else `card` is.
        has_known_data: says whether a model was made of the data set; a user's own has to be named.
    """

    command: str
    figure: str
    dataset: str | None
    measure: Callable[[Any, Path, Progress | None], dict[str, Any]]
    trace_parts: Callable[[Any], dict[str, Any]]
    trace_differences: Callable[[Any, Trace], Iterator[Difference]]
    own_trace: Callable[[Any], Sequence[Mapping[str, Array]]]
    card: CardTexts
    evaluation: Evaluation
    card_of: Callable[[ModelSpec], CardTexts] | None = None
    has_known_data: Callable[[Any], bool] = lambda model: True

    def card_for(self, spec: ModelSpec) -> CardTexts:
        """Give the texts of a file's card."""
        return self.card if self.card_of is None else self.card_of(spec)

    def data_of(self, model: Any, source: Path | None) -> Path:
        """Give the folder of the data that a model is measured on, or the file.

        Raises:
            InputError: the data is the user's own, and none was given.
        """
        if self.dataset is not None and (source is not None or self.has_known_data(model)):
            return data_folder(self.dataset, source)
        if source is None:
            raise InputError(
                f"{model.stepper.path} was trained on own data: say where it is with --from"
            )
        return source


def quality_of(spec: ModelSpec | None, file: str) -> Quality:
    """Give what the application of a file tells of its quality.

    Raises:
        ModelFileError: the file names no task, or one whose application tells nothing.
    """
    application = None if spec is None else find_application(spec)
    module = None if application is None else application.quality_module()
    if module is None:
        task = None if spec is None else spec.task
        raise ModelFileError(
            f"{file} is made for {'no task' if task is None else f'task {task!r}'} of which a "
            "measure is known; `qibu inspect` shows what it says, `qibu verify` proves it"
        )
    quality: Quality = module.QUALITY
    return quality


def qualities() -> list[Quality]:
    """Give what every application tells that tells something."""
    modules = (application.quality_module() for application in applications())
    return [module.QUALITY for module in modules if module is not None]
