"""Finding a model by a bundled name or a path."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from .core.errors import ModelFileError
from .core.providers import start_first
from .core.stepper import Stepper

if TYPE_CHECKING:
    from .pictures.digit_reader import DigitReader
    from .verse.poet import Poet

MODELS = Path(__file__).resolve().parent / "models"


def bundled_models() -> dict[str, Path]:
    """Give the models that come with the package, by name."""
    return {path.stem: path for path in sorted(MODELS.glob("*.onnx"), key=lambda path: path.stem)}


def model_path(model: str | os.PathLike[str], provider: str = "cpu") -> Path:
    """Give the file of a bundled name or a path.

    A bundled model multiplies in 8 bits on the CPU; other providers get the same weights as
    float32.

    Raises:
        ModelFileError: it is neither.
    """
    bundled = bundled_models()
    if os.fspath(model) in bundled:
        path = bundled[os.fspath(model)]
        in_float = MODELS / "float" / path.name
        return in_float if provider != "cpu" and in_float.is_file() else path
    path = Path(model)
    if not path.is_file():
        raise ModelFileError(
            f"no model {os.fspath(model)!r}: it is neither a file nor one of "
            f"{', '.join(bundled) or 'the bundled models (there are none)'}"
        )
    return path


@overload
def load(model: Literal["poem"], *, provider: str = ..., threads: int = ...) -> "Poet": ...
@overload
def load(model: Literal["digits"], *, provider: str = ..., threads: int = ...) -> "DigitReader": ...
@overload
def load(model: str | os.PathLike[str], *, provider: str = ..., threads: int = ...) -> Any: ...
def load(model: str | os.PathLike[str], *, provider: str = "cpu", threads: int = 1) -> Any:
    """Open a model for what it was made for.

    Args:
        model: a bundled name such as "poem" or "digits", or the path of an ONNX file.
        provider: "cpu", "cuda", … or "auto".
        threads: within one operator.

    Returns:
        What the application of the file's task makes of it, such as a `Poet` or a `DigitReader`;
        a `Stepper` where the file names no task, or one of which nothing is known.

    Raises:
        ModelFileError: there is no such model, or the file is broken.
        ProviderError: the provider can't be had.
    """
    stepper = start_first(
        provider, lambda name: Stepper(model_path(model, name), provider=name, threads=threads)
    )
    return stepper if stepper.application is None else stepper.application.open(stepper)
