"""What a run on poems is made of, and the runs that made the bundled models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from qibu.core.errors import InputError

from ..core.recurrent import CELLS
from ..core.run_config import RunConfig


@dataclass(frozen=True, kw_only=True)
class PoemConfig(RunConfig):
    """Everything that decides how a poem network is trained; a batch counts tokens, padded."""

    task: ClassVar[str] = "poem"
    foreign: ClassVar[frozenset[str]] = frozenset({"augment", "row_loss"})

    song_epochs: int = 0  # the first epochs that read the Song corpus as well
    song_share: float = 1.0  # how much of it one such epoch reads, the next share each time
    min_count: int = 3  # a rarer character is <unk>
    max_characters: int = 132  # a longer text is cut here
    authors: int = 40  # authors with a control token
    keep_form: float = 0.9  # how often the control is given
    keep_author: float = 0.5
    keep_title: float = 0.6

    def __post_init__(self) -> None:
        super().__post_init__()
        if CELLS[self.cell].bidirectional:
            raise InputError(
                f"a poem is written forwards, so cell {self.cell!r}, which reads both ways, "
                "can't write one; use rnn, gru or lstm"
            )
        self.want_at_least_1("max_characters")
        self.want_shares("song_share", "keep_form", "keep_author", "keep_title")


_LSTM = PoemConfig(
    cell="lstm",
    hidden_size=512,
    num_layers=2,
    dropout=0.2,
    epochs=4,
    song_epochs=2,
    song_share=0.8,
    batch_units=3072,
    learning_rate=4e-3,
    weight_decay=0.1,
)
_SHORT = replace(_LSTM, dropout=0.1, epochs=3, song_epochs=1, song_share=0.2, weight_decay=0.01)

PRESETS: Mapping[str, PoemConfig] = {
    "rnn": replace(_SHORT, cell="rnn", epochs=2, learning_rate=2e-3),
    "gru": replace(_SHORT, cell="gru", learning_rate=3e-3, weight_decay=0.1),
    "lstm": _LSTM,
}
