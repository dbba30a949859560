"""What a run is made of: a frozen dataclass, to which each application adds its own fields."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from qibu.core.errors import InputError

from .arithmetic import Bfloat16
from .recurrent import CELLS

OPEN = -1  # of a field that the data decides
VALUES = "values"  # a field's metadata: what its words on the command line mean

Config = TypeVar("Config", bound="RunConfig")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What decides how a network is trained, whatever it is for; saved whole in the checkpoint."""

    task: ClassVar[str]  # what `qibu train` calls the application
    # fields that mean nothing here, but stand in checkpoints from when all tasks shared one config
    foreign: ClassVar[frozenset[str]] = frozenset()
    # fields that may be `OPEN` until the data is read
    open_fields: ClassVar[frozenset[str]] = frozenset()

    cell: str
    hidden_size: int
    num_layers: int
    dropout: float
    epochs: int  # unless there are minutes
    batch_units: int  # in a batch of one process, as the task counts them
    learning_rate: float  # the peak, after the warm-up
    warmup: float = 0.03  # share of all steps
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    label_smoothing: float = 0.0  # share of the target that is spread over all
    average_decay: float = 0.0  # a step, of the average of the weights; 0: none is kept
    # matrix products only; weights and sums stay float32; "auto": where it is quicker
    bfloat16: Bfloat16 = field(
        default="auto", metadata={VALUES: {"auto": "auto", "true": True, "false": False}}
    )
    minutes: float = 0.0  # of the whole run, whatever its epochs; 0: the epochs decide
    validate_steps: int = 0  # from one validation to the next; 0: one after every epoch
    patience: int = 0  # validations without a better one that end the run; 0: never
    seed: int = 0

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise InputError(f"cell must be one of {', '.join(CELLS)}, got {self.cell!r}")
        self.want_at_least_1("hidden_size", "num_layers", "epochs", "batch_units")
        self.want_shares("dropout", "warmup", "label_smoothing", "average_decay")
        self.want_at_least(0, "validate_steps", "patience")
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate must be above 0, got {self.learning_rate}")
        if not 0 <= self.minutes < math.inf:
            raise InputError(f"minutes must be above 0, or 0 for epochs, got {self.minutes}")
        if not self.minutes and self.is_open("epochs"):
            raise InputError("a run is given its length by --epochs or by --minutes above 0")

    def is_open(self, name: str) -> bool:
        """Say whether the data is to decide a field."""
        return name in self.open_fields and bool(getattr(self, name) == OPEN)

    def want_at_least_1(self, *names: str) -> None:
        """Check fields that count something."""
        self.want_at_least(1, *names)

    def want_at_least(self, least: int, *names: str) -> None:
        """Check fields that have a least value."""
        for name in names:
            if getattr(self, name) < least and not self.is_open(name):
                raise InputError(f"{name} must be at least {least}, got {getattr(self, name)}")

    def want_shares(self, *names: str) -> None:
        """Check fields that are a share of something."""
        for name in names:
            if not 0 <= getattr(self, name) <= 1 and not self.is_open(name):
                raise InputError(f"{name} must be 0..1, got {getattr(self, name)}")

    def to_json(self) -> dict[str, Any]:
        """Give plain values, as the checkpoint keeps them, the task among them."""
        return {"task": self.task, **asdict(self)}

    @classmethod
    def from_json(cls: type[Config], values: Mapping[str, Any]) -> Config:
        """Rebuild a config; a field that this version doesn't know is an error."""
        own = {name: value for name, value in values.items() if name not in cls.foreign}
        if (task := own.pop("task", None)) != cls.task:
            raise InputError(f"train config is of task {task!r}, want {cls.task!r}")
        if unknown := set(own) - {field.name for field in fields(cls)}:
            raise InputError(f"train config has unknown fields {sorted(unknown)}")
        return cls(**own)
