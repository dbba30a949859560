"""What a run on digits is made of, and the runs that made the bundled models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from torch import Tensor

from ..pictures import strokes
from ..pictures.config import RowConfig


@dataclass(frozen=True, kw_only=True)
class DigitConfig(RowConfig):
    """Everything that decides how a digit network is trained."""

    task: ClassVar[str] = "digits"
    foreign: ClassVar[frozenset[str]] = frozenset(
        {
            *("song_epochs", "song_share", "min_count", "max_characters", "authors"),
            *("keep_form", "keep_author", "keep_title"),
        }
    )

    augment: float = 0.0  # strength of what `strokes.py` does

    def changed(self, pictures: Tensor) -> Tensor:
        """Give a batch of training pictures as it is read: each time a little otherwise."""
        return strokes.augment(pictures, self.augment) if self.augment else pictures


_LSTM = DigitConfig(
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

PRESETS: Mapping[str, DigitConfig] = {
    "rnn": replace(_LSTM, cell="rnn", epochs=20, learning_rate=2e-3),
    "gru": replace(_LSTM, cell="gru", epochs=14),
    "lstm": _LSTM,
    "bilstm": replace(_LSTM, cell="bilstm", epochs=14, row_loss=0.0),
}
