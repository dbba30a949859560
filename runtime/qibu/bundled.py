"""The models that come with the package."""

import os
from pathlib import Path

from .core.errors import ModelFileError

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
