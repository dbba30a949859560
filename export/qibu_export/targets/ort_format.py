"""`qibu export --ort`: onnxruntime's own format, and what a reduced build of it must have."""

import logging
import os
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import onnx
from onnxruntime.tools.convert_onnx_models_to_ort import (
    OptimizationStyle,
    convert_onnx_models_to_ort,
)

from qibu.core.errors import ModelFileError
from qibu.core.files import atomic_path
from qibu.core.stepper import Stepper

from ..core.against_file import want_equal
from .stepping import Stepping


def write(model: Path, path: Path, stepping: Stepping | None = None) -> str:
    """Write a `.ort` file and, beside it, the list of the operators and types that it needs.

    Args:
        model: any model file; its states are found as `Stepper` finds them.
        path: the `.ort` file; the list gets its name with `.config`.
        stepping: how it is stepped, where the file leaves it open.

    Returns:
        Lines to print.

    Raises:
        ModelFileError: `path` has another ending, or `model` leaves a doubt what is its state.
        VerificationError: the new file computes something else; nothing is written then.
    """
    if path.suffix != ".ort":
        raise ModelFileError(f"a file in onnxruntime's format ends in .ort, got {str(path)!r}")
    stepping = stepping or Stepping()
    reference, config = Stepper(model, states=stepping.states), path.with_suffix(".config")
    states = {pair.input: pair.output for pair in reference.pairs}
    with TemporaryDirectory() as name, atomic_path(path) as made, atomic_path(config) as listed:
        folder = Path(name)
        _copy(reference, folder / f"{path.stem}.onnx")
        _convert(folder)
        result = want_equal(
            reference,
            Stepper(folder / f"{path.stem}.ort", states=stepping.states and states),
            sizes=stepping.sizes_of(reference),
            constants=stepping.constants_of(reference),
        )
        copyfile(folder / f"{path.stem}.ort", made)
        listing = (folder / "required_operators_and_types.config").read_text("utf-8")
        listed.write_text(listing.replace(f"{folder.resolve()}{os.sep}", ""), "utf-8")
    return (
        f"{result}\n"
        f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB); "
        f"{config} lists the operators for onnxruntime's --include_ops_by_config"
    )


def _copy(stepper: Stepper, path: Path) -> None:
    """Copy a model; weights that lie in other files go into the copy."""
    if len(stepper.identity.files) == 1:
        copyfile(stepper.path, path)
    else:
        onnx.save(onnx.load(stepper.path), path)


def _convert(folder: Path) -> None:
    """Convert what lies in a folder; the converter tells each step of its work otherwise."""
    logger = logging.getLogger("ort_format_model.utils")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with redirect_stdout(StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves the file that it lists
            convert_onnx_models_to_ort(
                folder,
                optimization_styles=[OptimizationStyle.Fixed],
                enable_type_reduction=True,
            )
    finally:
        logger.setLevel(level)
