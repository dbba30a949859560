"""Step stateful ONNX models; write Tang poems and read digits with them.

>>> import qibu
>>> poem = qibu.load("poem").compose(form="七絕", seed=7)
"""

from .errors import (
    CheckpointError,
    DataError,
    InputError,
    MissingExtraError,
    ModelFileError,
    NotStreamingError,
    ProviderError,
    QibuError,
    UnknownCharacterError,
    VerificationError,
)
from .loading import bundled_models, load
from .poet import Composition, Poet
from .providers import available_providers
from .reader import DigitReader, DigitReading
from .sampling import Sampling
from .spec import ModelSpec, StatePair
from .state import State
from .stepper import Stepper
from .stream import Stream
from .vocabulary import Vocabulary

__version__ = "0.1.0"

__all__ = [
    "CheckpointError",
    "Composition",
    "DataError",
    "DigitReader",
    "DigitReading",
    "InputError",
    "MissingExtraError",
    "ModelFileError",
    "ModelSpec",
    "NotStreamingError",
    "Poet",
    "ProviderError",
    "QibuError",
    "Sampling",
    "State",
    "StatePair",
    "Stepper",
    "Stream",
    "UnknownCharacterError",
    "VerificationError",
    "Vocabulary",
    "available_providers",
    "bundled_models",
    "load",
]
