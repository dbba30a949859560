"""What the bundled models are, as a table: what `qibu models` shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..bundled import bundled_models
from ..core.errors import ModelFileError
from ..core.identity import ModelIdentity
from ..core.model_file import KEY, ModelSpec
from .kind import quality_of


@dataclass(frozen=True)
class Entry:
    """A model file in short."""

    name: str  # what `qibu.load` takes
    task: str
    cell: str
    num_layers: int
    hidden_size: int
    parameters: int | None  # None: the file is older than this field
    bytes: int
    figure: str  # such as "perplexity"
    value: float | None  # None: never measured
    quantization: str | None
    streaming: bool

    @property
    def shape(self) -> str:
        """Give the cell with its layers and hidden size."""
        return f"{cell_name(self.cell)} {self.num_layers} × {self.hidden_size}"

    @property
    def quality(self) -> str:
        """Give the figure as it is written."""
        return f"{self.figure} {written(self.figure, self.value)}"


def cell_name(cell: str) -> str:
    """Write a cell's name as the field does."""
    return {"bilstm": "BiLSTM"}.get(cell, cell.upper())


_WRITTEN = {"accuracy": "{:.2%}", "bits": "{:.3f}"}  # by how a figure's name begins


def written(figure: str, value: float | None) -> str:
    """Write a figure as it is usually read."""
    if value is None:
        return "not measured"
    pattern = next((p for kind, p in _WRITTEN.items() if figure.startswith(kind)), "{:.1f}")
    return pattern.format(value)


def read_spec(path: Path) -> ModelSpec:
    """Read what a file says of itself.

    Raises:
        ModelFileError: the file is missing or broken, or says nothing.
    """
    try:
        content = ModelIdentity(path).content
        document = None if content is None else content.metadata.get(KEY)
        if document is None:
            raise ModelFileError(
                f"no {KEY!r} metadata, so nothing is known of it: export it with `qibu export`"
            )
        return ModelSpec.from_json(document)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error


def entry_of(name: str, path: Path) -> Entry:
    """Sum up a model file."""
    spec = read_spec(path)
    figure = quality_of(spec, name).figure
    quality: Mapping[str, Any] = spec.quality
    return Entry(
        name=name,
        task=str(spec.task),
        cell=spec.part["cell"],
        num_layers=spec.part["num_layers"],
        hidden_size=spec.part["hidden_size"],
        parameters=spec.parameters,
        bytes=path.stat().st_size,
        figure=figure,
        value=quality.get(figure),
        quantization=spec.quantization,
        streaming=spec.streaming,
    )


def catalogue() -> list[Entry]:
    """Sum up the bundled models, by name."""
    return [entry_of(name, path) for name, path in bundled_models().items()]
