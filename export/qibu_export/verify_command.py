"""`qibu verify --checkpoint`: hold an existing model file against the run it came from."""

from pathlib import Path

from qibu_train.core.checkpoint import Checkpoint

from .module.equality import ModuleVerification
from .trained.export import verify_file


def verify(model: Path, checkpoint: Path) -> ModuleVerification:
    """Compare a model file with torch, whole and step by step.

    Raises:
        VerificationError: they differ.
    """
    return verify_file(model, Checkpoint.load(checkpoint))
