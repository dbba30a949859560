"""Train the networks that Qibu exports. Needs PyTorch."""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ModuleNotFoundError(
        "qibu_train needs PyTorch: pip install 'qibu[train]'", name="torch"
    ) from error

from .applications import PRESETS
from .core.application import APPLICATIONS, Application, register
from .core.checkpoint import Checkpoint
from .core.run_config import RunConfig

__all__ = ["APPLICATIONS", "PRESETS", "Application", "Checkpoint", "RunConfig", "register"]
