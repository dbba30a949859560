"""Opening a model for what it was made for."""

import os
from typing import TYPE_CHECKING, Any, Literal, overload

from .bundled import MODELS as MODELS
from .bundled import bundled_models as bundled_models
from .bundled import model_path as model_path
from .core.providers import start_first
from .core.stepper import Stepper

if TYPE_CHECKING:
    from .pictures.reader import Reader
    from .verse.poet import Poet


@overload
def load(model: Literal["poem"], *, provider: str = ..., threads: int = ...) -> "Poet": ...
@overload
def load(model: Literal["digits"], *, provider: str = ..., threads: int = ...) -> "Reader": ...
@overload
def load(model: str | os.PathLike[str], *, provider: str = ..., threads: int = ...) -> Any: ...
def load(model: str | os.PathLike[str], *, provider: str = "cpu", threads: int = 1) -> Any:
    """Open a model for what it was made for.

    Args:
        model: a bundled name such as "poem" or "digits", or the path of an ONNX file.
        provider: "cpu", "cuda", … or "auto".
        threads: within one operator.

    Returns:
        What the application of the file's task makes of it, such as a `Poet` or a `Reader`;
        a `Stepper` where the file names no task, or one of which nothing is known.

    Raises:
        ModelFileError: there is no such model, or the file is broken.
        ProviderError: the provider can't be had.
    """
    stepper = start_first(
        provider, lambda name: Stepper(model_path(model, name), provider=name, threads=threads)
    )
    return stepper if stepper.application is None else stepper.application.open(stepper)
