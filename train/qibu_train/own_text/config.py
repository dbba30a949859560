"""What a run on a text of one's own is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from qibu.core.errors import InputError

from ..core.recurrent import CELLS
from ..core.run_config import OPEN, RunConfig
from .units import SPLITS

UNITS = ("char", "byte")


@dataclass(frozen=True, kw_only=True)
class TextConfig(RunConfig):
    """Everything that decides how a network is trained on a text; a batch counts tokens."""

    task: ClassVar[str] = "text"
    open_fields: ClassVar[frozenset[str]] = frozenset(
        {
            "hidden_size",
            "num_layers",
            "dropout",
            "epochs",
            "batch_units",
            "window",
            "validate_steps",
        }
    )

    hidden_size: int = OPEN
    num_layers: int = OPEN
    dropout: float = OPEN
    epochs: int = OPEN
    batch_units: int = OPEN
    validate_steps: int = OPEN
    minutes: float = 30.0
    patience: int = 10
    unit: str = "auto"  # what a token is: "char" or "byte"
    split: str = "auto"  # what is held out: whole documents, lines, or parts of a document
    window: int = OPEN  # tokens through which a gradient goes back
    min_count: int = 1  # a rarer character is <unk>

    def __post_init__(self) -> None:
        super().__post_init__()
        if CELLS[self.cell].bidirectional:
            raise InputError(
                f"a text is written forwards, so cell {self.cell!r}, which reads both ways, "
                "can't write one; use rnn, gru or lstm"
            )
        for name, values in (("unit", UNITS), ("split", SPLITS)):
            if getattr(self, name) not in ("auto", *values):
                raise InputError(
                    f"{name} must be {', '.join(values)} or auto, got {getattr(self, name)!r}"
                )
        self.want_at_least_1("window", "min_count")


_LSTM = TextConfig(cell="lstm", learning_rate=4e-3)

PRESETS: Mapping[str, TextConfig] = {
    "rnn": replace(_LSTM, cell="rnn", learning_rate=2e-3),
    "gru": replace(_LSTM, cell="gru", learning_rate=3e-3, weight_decay=0.1),
    "lstm": _LSTM,
}


def settle(config: TextConfig, size: int) -> TextConfig:
    """Put into open fields what suits a text of so many tokens to train on."""
    batch = config.batch_units
    if batch == OPEN:
        batch = int(_by_size(size, {100_000: 1024, 1_000_000: 2048, 10_000_000: 4096}, 8192))
    dropouts = {300_000: 0.4, 3_000_000: 0.25, 20_000_000: 0.1}
    values: dict[str, Any] = {
        "hidden_size": int(_by_size(size, {5_000_000: 256}, 512)),
        "num_layers": 2,
        "dropout": _by_size(size, dropouts, 0.0),
        "batch_units": batch,
        "window": int(_by_size(size, {1_000_000: 64}, 128)),
        "validate_steps": -(-min(max(size, 500_000), 2_500_000) // batch),
    }
    return replace(config, **{name: v for name, v in values.items() if config.is_open(name)})


def _by_size(size: int, below: Mapping[int, float], otherwise: float) -> float:
    return next((value for limit, value in below.items() if size < limit), otherwise)
