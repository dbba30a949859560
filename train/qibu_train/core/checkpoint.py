"""A training run on disk: what it is, where it stands, its best weights. No pickle is run."""

from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from qibu.core.errors import CheckpointError
from qibu.core.files import atomic_path

from .application import Application, application_of, build_network
from .recurrent import RecurrentNetwork
from .run_config import RunConfig

LAST, BEST, HELD_OUT = "last.pt", "best.pt", "held-out.txt"


# what torch and a foreign content raise, by where a file is cut or odd
UNREADABLE = (
    RuntimeError,
    OSError,
    EOFError,
    LookupError,
    AttributeError,
    TypeError,
    ValueError,
)


def load_plain(path: Path, advice: str = "") -> Any:
    """Read a file of torch's without running any code that it may carry.

    Args:
        path: the file.
        advice: what is added to the error where it holds more.

    Raises:
        CheckpointError: it holds more than tensors and plain values; one of `UNREADABLE` where it
            is cut or odd.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds more than tensors and plain values, so it is not loaded: it could run "
            f"code{advice}"
        ) from error


@dataclass
class Checkpoint:
    """Weights with all that is needed to rebuild their network, plain values and tensors only."""

    config: RunConfig
    weights: dict[str, Tensor]
    extra: Any = None  # what the application's network is built from beside the config
    record: dict[str, Any] = field(default_factory=dict)  # epoch, data hashes, versions, metrics
    progress: dict[str, Any] = field(default_factory=dict)  # what `--resume` needs

    @property
    def application(self) -> Application[Any, Any]:
        """What the network was trained for."""
        return application_of(self.config.task)

    def save(self, path: Path) -> None:
        """Write the file whole or not at all."""
        content = {
            "config": self.config.to_json(),
            "weights": self.weights,
            "extra": self.application.write_extra(self.extra),
            "record": self.record,
            "progress": self.progress,
        }
        with atomic_path(path) as temporary:
            torch.save(content, temporary)

    @classmethod
    def load(cls, path: Path) -> "Checkpoint":
        """Read a file without running any code that it may carry.

        Args:
            path: the file, or the folder of a run, whose best weights are then read.

        Raises:
            CheckpointError: the file is missing, isn't a checkpoint, or asks to run code.
        """
        if path.is_dir():
            path = path / BEST
        if not path.is_file():
            raise CheckpointError(f"{path} is missing; make it with `qibu train`")
        try:
            content = load_plain(path)
            application = application_of(content["config"]["task"])
            return cls(
                application.config.from_json(content["config"]),
                content["weights"],
                # the first checkpoints have an application's part among the rest
                application.read_extra(content.get("extra", content)),
                content["record"],
                content["progress"],
            )
        except UNREADABLE as error:
            raise CheckpointError(f"{path} is not a checkpoint of `qibu train`: {error}") from error

    def network(self) -> RecurrentNetwork:
        """Rebuild the network with these weights, ready for inference.

        Raises:
            CheckpointError: the weights don't fit the config.
        """
        network = build_network(self.config, self.extra)
        try:
            network.load_state_dict(self.weights)
        except RuntimeError as error:
            raise CheckpointError(f"the weights don't fit the config: {error}") from error
        return network.eval()
