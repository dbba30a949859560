"""Step stateful ONNX models; write Tang poems or any text, and read digits, with them.

>>> import qibu
>>> poem = qibu.load("poem").compose(form="七絕", seed=7)
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# from 1.29 on onnxruntime tells its makers of every session and keeps a file at home for it, unless
# this is set before it is imported
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from .core.registry import register_module

if TYPE_CHECKING:
    from .bundled import bundled_models as bundled_models
    from .core.applications import Application as Application
    from .core.applications import register as register
    from .core.errors import CheckpointError as CheckpointError
    from .core.errors import DataError as DataError
    from .core.errors import InputError as InputError
    from .core.errors import MissingExtraError as MissingExtraError
    from .core.errors import ModelFileError as ModelFileError
    from .core.errors import NotStreamingError as NotStreamingError
    from .core.errors import ProviderError as ProviderError
    from .core.errors import QibuError as QibuError
    from .core.errors import RunError as RunError
    from .core.errors import UnknownCharacterError as UnknownCharacterError
    from .core.errors import VerificationError as VerificationError
    from .core.model_file import ModelSpec as ModelSpec
    from .core.port import Port as Port
    from .core.port import StatePair as StatePair
    from .core.providers import available_providers as available_providers
    from .core.state import State as State
    from .core.stepper import Stepper as Stepper
    from .core.stream import Stream as Stream
    from .loading import load as load
    from .pictures.reader import DigitReader as DigitReader
    from .pictures.reader import DigitReading as DigitReading
    from .pictures.reader import Reader as Reader
    from .pictures.reader import Reading as Reading
    from .text.sampling import Sampling as Sampling
    from .text.score import Score as Score
    from .text.text_stream import TextStream as TextStream
    from .text.vocabulary import Vocabulary as Vocabulary
    from .text.writer import Writer as Writer
    from .text.writer import Writing as Writing
    from .verse.composition import Composition as Composition
    from .verse.poet import Poet as Poet
    from .verse.report import Report as Report
    from .verse.report import check as check
    from .verse.request import Wishes as Wishes
    from .verse.rules import Rule as Rule

__version__ = "0.1.0"

# the applications that come with the package: a folder each, read when a file of its task is opened
register_module("text", "qibu.verse.application")
register_module("text", "qibu.text.application")
register_module("digits", "qibu.pictures.application")

# where a name lives; its module is read when the name is first used, so that `qibu fetch` needs no
# onnxruntime and `qibu.load` no corpus
_HOMES = {
    "CheckpointError": "core.errors",
    "DataError": "core.errors",
    "InputError": "core.errors",
    "MissingExtraError": "core.errors",
    "ModelFileError": "core.errors",
    "NotStreamingError": "core.errors",
    "ProviderError": "core.errors",
    "QibuError": "core.errors",
    "UnknownCharacterError": "core.errors",
    "VerificationError": "core.errors",
    "bundled_models": "bundled",
    "load": "loading",
    "Composition": "verse.composition",
    "Poet": "verse.poet",
    "available_providers": "core.providers",
    "DigitReader": "pictures.reader",
    "DigitReading": "pictures.reader",
    "Reader": "pictures.reader",
    "Reading": "pictures.reader",
    "Sampling": "text.sampling",
    "ModelSpec": "core.model_file",
    "Port": "core.port",
    "StatePair": "core.port",
    "State": "core.state",
    "Stepper": "core.stepper",
    "Stream": "core.stream",
    "RunError": "core.errors",
    "Application": "core.applications",
    "register": "core.applications",
    "Report": "verse.report",
    "check": "verse.report",
    "Rule": "verse.rules",
    "Wishes": "verse.request",
    "Vocabulary": "text.vocabulary",
    "Writer": "text.writer",
    "Writing": "text.writer",
    "TextStream": "text.text_stream",
    "Score": "text.score",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'qibu' has no attribute {name!r}")
    value = getattr(import_module(f"qibu.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
