"""Step stateful ONNX models; write Tang poems and read digits with them.

>>> import qibu
>>> poem = qibu.load("poem").compose(form="七絕", seed=7)
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# from 1.29 on onnxruntime tells its makers of every session and keeps a file at home for it, unless
# this is set before it is imported
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from .errors import CheckpointError as CheckpointError
    from .errors import DataError as DataError
    from .errors import InputError as InputError
    from .errors import MissingExtraError as MissingExtraError
    from .errors import ModelFileError as ModelFileError
    from .errors import NotStreamingError as NotStreamingError
    from .errors import ProviderError as ProviderError
    from .errors import QibuError as QibuError
    from .errors import UnknownCharacterError as UnknownCharacterError
    from .errors import VerificationError as VerificationError
    from .loading import bundled_models as bundled_models
    from .loading import load as load
    from .poet import Poet as Poet
    from .providers import available_providers as available_providers
    from .reader import DigitReader as DigitReader
    from .reader import DigitReading as DigitReading
    from .sampling import Sampling as Sampling
    from .spec import ModelSpec as ModelSpec
    from .spec import StatePair as StatePair
    from .state import State as State
    from .stepper import Stepper as Stepper
    from .stream import Stream as Stream
    from .verse.composition import Composition as Composition
    from .verse.report import Report as Report
    from .verse.report import check as check
    from .verse.rules import Rule as Rule
    from .verse.wishes import Wishes as Wishes
    from .vocabulary import Vocabulary as Vocabulary

__version__ = "0.1.0"

# where a name lives; its module is read when the name is first used, so that `qibu fetch` needs no
# onnxruntime and `qibu.load` no corpus
_HOMES = {
    "CheckpointError": "errors",
    "DataError": "errors",
    "InputError": "errors",
    "MissingExtraError": "errors",
    "ModelFileError": "errors",
    "NotStreamingError": "errors",
    "ProviderError": "errors",
    "QibuError": "errors",
    "UnknownCharacterError": "errors",
    "VerificationError": "errors",
    "bundled_models": "loading",
    "load": "loading",
    "Composition": "verse.composition",
    "Poet": "poet",
    "available_providers": "providers",
    "DigitReader": "reader",
    "DigitReading": "reader",
    "Sampling": "sampling",
    "ModelSpec": "spec",
    "StatePair": "spec",
    "State": "state",
    "Stepper": "stepper",
    "Stream": "stream",
    "Report": "verse.report",
    "check": "verse.report",
    "Rule": "verse.rules",
    "Wishes": "verse.wishes",
    "Vocabulary": "vocabulary",
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
