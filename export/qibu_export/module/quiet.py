"""Keeping torch from talking while it exports: what matters is raised."""

import contextlib
import logging
import warnings
from collections.abc import Iterator

LOGGERS = ("torch.onnx", "torch.export")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hide torch's warnings, which tell of its own inside, and its loggers' lines."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
