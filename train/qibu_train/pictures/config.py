"""What a run on pictures is made of, and what own pictures are trained with unless told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from torch import Tensor

from qibu.core.errors import InputError
from qibu.pictures.picture_format import parse_size

from ..core.recurrent import CELLS
from ..core.run_config import RunConfig
from . import augmentation, strokes


@dataclass(frozen=True, kw_only=True)
class RowConfig(RunConfig):
    """What every run on pictures has; a batch counts pictures."""

    row_loss: float = 0.0  # weight of the answers after every row; the rest is the last's

    def __post_init__(self) -> None:
        super().__post_init__()
        self.want_shares("row_loss")
        if self.row_loss and CELLS[self.cell].bidirectional:
            raise InputError(
                f"row_loss must be 0 for cell {self.cell!r}, which answers after the whole picture "
                f"only, got {self.row_loss}"
            )

    def changed(self, pictures: Tensor) -> Tensor:
        """Give a batch of training pictures as it is read: each time a little otherwise."""
        return pictures


@dataclass(frozen=True, kw_only=True)
class PictureConfig(RowConfig):
    """Everything that decides how a network is trained on a user's own pictures."""

    task: ClassVar[str] = "pictures"

    size: str = ""  # WIDTHxHEIGHT to which pictures are scaled; "": as they are, all of one size
    labels: str = ""  # of the classes, in order: A,B,C or a file with one a line; "": as they are
    shift: int = 1  # pixels that a picture is moved at most, each way
    mirror: float = 0.0  # share of the pictures that are read with left and right exchanged
    strokes: float = 0.0  # strength of what `strokes.py` does to handwriting

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size:
            parse_size(self.size)
        self.want_shares("mirror")
        for name in ("shift", "strokes"):
            if not getattr(self, name) >= 0:
                raise InputError(f"{name} must be 0 or above, got {getattr(self, name)}")

    @property
    def height_and_width(self) -> tuple[int, int] | None:
        """The size to which pictures are scaled; None: none."""
        return parse_size(self.size) if self.size else None

    def changed(self, pictures: Tensor) -> Tensor:
        """Give a batch of training pictures as it is read: each time a little otherwise."""
        if self.mirror:
            pictures = augmentation.mirror(pictures, self.mirror)
        if self.shift:
            pictures = augmentation.shift(pictures, self.shift)
        if self.strokes:
            pictures = strokes.augment(pictures, self.strokes)
        return pictures


_LSTM = PictureConfig(
    cell="lstm",
    hidden_size=128,
    num_layers=2,
    dropout=0.3,
    epochs=30,
    batch_units=128,
    learning_rate=4e-3,
    average_decay=0.998,
    row_loss=0.1,
)

PRESETS: Mapping[str, PictureConfig] = {
    "rnn": replace(_LSTM, cell="rnn", learning_rate=2e-3),
    "gru": replace(_LSTM, cell="gru"),
    "lstm": _LSTM,
    "bilstm": replace(_LSTM, cell="bilstm", row_loss=0.0),
}
