"""What a run on digits is made of, and the runs that made the bundled models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from qibu.core.errors import InputError

from ..core.recurrent import CELLS
from ..core.run_config import RunConfig


@dataclass(frozen=True, kw_only=True)
class DigitConfig(RunConfig):
    """Everything that decides how a digit network is trained; a batch counts pictures."""

    task: ClassVar[str] = "digits"
    foreign: ClassVar[frozenset[str]] = frozenset(
        {
            *("song_epochs", "song_share", "min_count", "max_characters", "authors"),
            *("keep_form", "keep_author", "keep_title"),
        }
    )

    augment: float = 0.0  # strength of what `augmentation.py` does
    row_loss: float = 0.0  # weight of the answers after every row; the rest is the last's

    def __post_init__(self) -> None:
        super().__post_init__()
        self.want_shares("row_loss")
        if self.row_loss and CELLS[self.cell].bidirectional:
            raise InputError(
                f"row_loss must be 0 for cell {self.cell!r}, which answers after the whole picture "
                f"only, got {self.row_loss}"
            )


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
