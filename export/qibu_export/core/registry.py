"""Which applications the exporter knows: names alone, so that a model file needs no torch.

A module is read when it is first asked for.
"""

from importlib import import_module
from types import ModuleType

MODULES: dict[str, str] = {}  # of training's task names: their `KIND`, how networks become files
_PROGRAMS: dict[str, str] = {}  # of files' tasks: what of C comes with a step
_PAGE_FILES: dict[str, str] = {}  # of files' tasks: what a page needs beside a model


def register_module(task: str, module: str) -> None:
    """Name the module whose `KIND` says how networks of a training task become files."""
    MODULES[task] = module


def register_program(task: str, module: str) -> None:
    """Name the module whose `program(stepper)` gives the C program of a file's task."""
    _PROGRAMS[task] = module


def register_page_files(task: str, module: str) -> None:
    """Name the module whose `page_files()` gives what a page needs for a file's task."""
    _PAGE_FILES[task] = module


def program_module(task: str | None) -> ModuleType | None:
    """Read the module of a task's C program; None: nothing is known, its step is all there is."""
    return import_module(_PROGRAMS[task]) if task in _PROGRAMS else None


def page_files_module(task: str | None) -> ModuleType | None:
    """Read the module of a task's files for a page; None: it needs none."""
    return import_module(_PAGE_FILES[task]) if task in _PAGE_FILES else None
