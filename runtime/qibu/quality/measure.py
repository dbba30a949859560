"""The figures by which models are compared, of every task."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..pictures.accuracy import measure_accuracy
from ..pictures.digit_reader import DigitReader
from ..verse.perplexity import quality_of
from ..verse.poet import Poet


def measure(
    model: Poet | DigitReader,
    folder: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Measure a model of any task on its test data: what its file is to say of itself."""
    if isinstance(model, DigitReader):
        return measure_accuracy(model, folder, progress=progress)
    return quality_of(model, folder, progress=progress)
