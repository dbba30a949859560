"""What Qibu raises.

QibuError
├── InputError (also a ValueError)      an argument's value, shape or type is wrong
│   └── UnknownCharacterError           a character is outside the model's vocabulary
├── ModelFileError (also a ValueError)  a model file is missing, broken or not what it says
│   └── NotStreamingError               the model reads whole sequences only and can't be stepped
├── RunError (also a RuntimeError)       onnxruntime refuses to run the graph on these inputs
├── ProviderError                       onnxruntime can't run the provider that was asked for
├── DataError                           a data set is missing, incomplete or has a wrong hash
├── CheckpointError                     a training run can't be read
├── VerificationError                   torch and onnxruntime disagree
└── MissingExtraError                   an optional part's package isn't installed
"""


class QibuError(Exception):
    """The root of all errors that Qibu raises on purpose."""


class InputError(QibuError, ValueError):
    """An argument has a wrong value, shape or type."""


class UnknownCharacterError(InputError):
    """A character is outside the model's vocabulary."""


class ModelFileError(QibuError, ValueError):
    """A model file is missing, broken, or contradicts what it says of itself."""


class NotStreamingError(ModelFileError):
    """The model reads whole sequences only, so it can't be stepped."""


class RunError(QibuError, RuntimeError):
    """Onnxruntime refuses to run the graph on these inputs; its own exception is the cause."""


class ProviderError(QibuError):
    """The execution provider that was asked for can't be had here."""


class DataError(QibuError):
    """A data set is missing, incomplete or has a wrong hash."""


class CheckpointError(QibuError):
    """A training run is missing or can't be read."""


class VerificationError(QibuError):
    """Two computations that must agree differ by more than the limit."""


class MissingExtraError(QibuError):
    """A package that an optional part needs isn't installed."""
