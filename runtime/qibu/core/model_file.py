"""What a model file says of itself: one JSON document under one metadata key."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ..text.vocabulary import Vocabulary
from .errors import ModelFileError

KEY = "qibu"
FORMAT_VERSION = 1

Task = Literal["text", "digits"]


@dataclass(frozen=True)
class StatePair:
    """A state's way through the graph: in by one name, out by the other."""

    input: str
    output: str
    shape: tuple[int | None, ...]  # None is the batch
    initial: float = 0.0
    dtype: str = "float32"

    def shape_for(self, batch: int) -> tuple[int, ...]:
        """Give the shape for a number of sequences."""
        return tuple(batch if size is None else size for size in self.shape)

    @property
    def batch_axis(self) -> int | None:
        """Which axis is the batch; None where the graph fixes every size."""
        return self.shape.index(None) if None in self.shape else None


@dataclass(frozen=True)
class ModelSpec:
    """Everything that a model file carries besides its graph."""

    task: Task
    cell: str
    num_layers: int
    hidden_size: int
    streaming: bool  # False: whole sequences only
    states: tuple[StatePair, ...]
    weights_sha256: str  # of the float32 weights, also when they were quantised afterwards
    defaults: Mapping[str, float] = field(default_factory=dict)  # inputs that may be left out
    vocabulary: Vocabulary | None = None  # text
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    quantization: str | None = None
    parameters: int | None = None  # trained numbers; None in files from before this field
    format_version: int = FORMAT_VERSION

    def to_json(self) -> str:
        """Give the document that stands in the model file."""
        document = asdict(self)
        document["vocabulary"] = self.vocabulary and self.vocabulary.to_json()
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "ModelSpec":
        """Read the document.

        Raises:
            ModelFileError: it isn't JSON, is of a newer format, or lacks or contradicts itself.
        """
        try:
            document = json.loads(text)
        except ValueError as error:
            raise ModelFileError(f"{KEY!r} metadata isn't JSON: {error}") from error
        if not isinstance(document, dict):
            raise ModelFileError(f"{KEY!r} metadata must be a JSON object, got {text[:40]!r}")
        version = document.get("format_version")
        if not isinstance(version, int) or version < 1:
            raise ModelFileError(f"{KEY!r} metadata has format_version {version!r}, want 1")
        if version > FORMAT_VERSION:
            raise ModelFileError(
                f"the file has format version {version}, this Qibu reads up to {FORMAT_VERSION}: "
                "pip install --upgrade qibu"
            )
        try:
            vocabulary = document["vocabulary"]
            spec = cls(
                **{
                    **document,
                    "states": tuple(
                        StatePair(**{**pair, "shape": tuple(pair["shape"])})
                        for pair in document["states"]
                    ),
                    "vocabulary": vocabulary and Vocabulary.from_json(vocabulary),
                }
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(
                f"{KEY!r} metadata lacks or misnames a field: {error}; "
                "make the file anew with `qibu export`"
            ) from error
        spec.check()
        return spec

    def check(self) -> None:
        """Check what needs no graph.

        Raises:
            ModelFileError: a value is out of its range, or two contradict each other.
        """
        if self.task not in ("text", "digits"):
            raise ModelFileError(f"task must be 'text' or 'digits', got {self.task!r}")
        for name in ("num_layers", "hidden_size"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ModelFileError(f"{name} must be a whole number above 0, got {value!r}")
        if (self.task == "text") != (self.vocabulary is not None):
            raise ModelFileError(f"task {self.task!r} contradicts the vocabulary given or missing")
        if self.streaming != bool(self.states):
            raise ModelFileError(
                f"streaming {self.streaming} contradicts {len(self.states)} states"
            )
        for pair in self.states:
            if pair.shape != (self.num_layers, None, self.hidden_size):
                raise ModelFileError(
                    f"state {pair.input!r} has shape {list(pair.shape)}, "
                    f"want [{self.num_layers}, null, {self.hidden_size}]"
                )
