"""What a run is made of: a frozen dataclass, and the runs that made the bundled models."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from qibu.core.errors import InputError

from .recurrent import CELLS

Task = Literal["poem", "digits"]

_SHARES = (
    "dropout",
    "warmup",
    "label_smoothing",
    "average_decay",
    "song_share",
    "keep_form",
    "keep_author",
    "keep_title",
    "row_loss",
)


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides how a network is trained; saved whole in the checkpoint."""

    task: Task
    cell: str
    hidden_size: int
    num_layers: int
    dropout: float
    epochs: int
    batch_units: int  # poem: tokens in a batch, padding included; digits: pictures
    learning_rate: float  # the peak, after the warm-up
    song_epochs: int = 0  # poem: the first epochs that read the Song corpus as well
    song_share: float = 1.0  # poem: how much of it one such epoch reads, the next share each time
    warmup: float = 0.03  # share of all steps
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    label_smoothing: float = 0.0  # share of the target that is spread over all
    average_decay: float = 0.0  # a step, of the average of the weights; 0: none is kept
    min_count: int = 3  # poem: a rarer character is <unk>
    max_characters: int = 132  # poem: a longer text is cut here
    authors: int = 40  # poem: authors with a control token
    keep_form: float = 0.9  # poem: how often the control is given
    keep_author: float = 0.5
    keep_title: float = 0.6
    augment: float = 0.0  # digits: strength of what `augmentation.py` does
    row_loss: float = 0.0  # digits: weight of the answers after every row; the rest is the last's
    bfloat16: bool = True  # matrix products only; weights and sums stay float32
    seed: int = 0

    def __post_init__(self) -> None:
        if self.task not in ("poem", "digits"):
            raise InputError(f"task must be 'poem' or 'digits', got {self.task!r}")
        if self.cell not in CELLS:
            raise InputError(f"cell must be one of {', '.join(CELLS)}, got {self.cell!r}")
        if self.task == "poem" and CELLS[self.cell].bidirectional:
            raise InputError(
                f"a poem is written forwards, so cell {self.cell!r}, which reads both ways, "
                "can't write one; use rnn, gru or lstm"
            )
        for name in ("hidden_size", "num_layers", "epochs", "batch_units", "max_characters"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in _SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} must be 0..1, got {getattr(self, name)}")
        if self.row_loss and CELLS[self.cell].bidirectional:
            raise InputError(
                f"row_loss must be 0 for cell {self.cell!r}, which answers after the whole picture "
                f"only, got {self.row_loss}"
            )
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate must be above 0, got {self.learning_rate}")

    def to_json(self) -> dict[str, Any]:
        """Give plain values, as the checkpoint keeps them."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TrainConfig":
        """Rebuild a config; a field that this version doesn't know is an error."""
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise InputError(f"train config has unknown fields {sorted(unknown)}")
        return cls(**values)


_POEM = TrainConfig(
    task="poem",
    cell="lstm",
    hidden_size=512,
    num_layers=2,
    dropout=0.1,
    epochs=4,
    song_epochs=2,
    song_share=0.5,
    batch_units=3072,
    learning_rate=4e-3,
)
_SHORT_POEM = replace(_POEM, epochs=3, song_epochs=1, song_share=0.2)
_DIGITS = TrainConfig(
    task="digits",
    cell="lstm",
    hidden_size=128,
    num_layers=2,
    dropout=0.1,
    epochs=12,
    batch_units=128,
    learning_rate=4e-3,
    average_decay=0.998,
    augment=1.0,
    row_loss=0.2,
)

PRESETS: Mapping[tuple[Task, str], TrainConfig] = {
    ("poem", "rnn"): replace(_SHORT_POEM, cell="rnn", epochs=2, learning_rate=2e-3),
    ("poem", "gru"): replace(_SHORT_POEM, cell="gru", learning_rate=3e-3, weight_decay=0.1),
    ("poem", "lstm"): _POEM,
    ("digits", "rnn"): replace(_DIGITS, cell="rnn", epochs=20, learning_rate=2e-3),
    ("digits", "gru"): replace(_DIGITS, cell="gru", epochs=14),
    ("digits", "lstm"): _DIGITS,
    ("digits", "bilstm"): replace(_DIGITS, cell="bilstm", epochs=14, row_loss=0.0),
}
