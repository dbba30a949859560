"""The figures by which models are compared, of every task."""

from pathlib import Path
from typing import Any

from .kind import Progress, quality_of


def measure(model: Any, folder: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Measure a model on its test data: what its file is to say of itself.

    Args:
        model: what `qibu.load` gave.
        folder: of the data; of an application without a data set of its own, a file.
        progress: called with what is done, and of how much.

    Raises:
        ModelFileError: nothing is known of the file's task.
        DataError: the folder lacks the data.
    """
    stepper = model.stepper
    quality = quality_of(stepper.spec, str(stepper.path))
    return quality.measure(model, folder, progress)
