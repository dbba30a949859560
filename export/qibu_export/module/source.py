"""A module from the shell: FILE.py:FACTORY makes it, a weights file fills it."""

import importlib.util
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from qibu.core.errors import CheckpointError, InputError
from qibu_train.core.checkpoint import UNREADABLE, load_plain

DTYPES = {"float32": torch.float32, "int64": torch.int64, "int32": torch.int32}
NESTED = ("state_dict", "model_state_dict", "model")  # where training scripts keep the weights


def make_module(source: str) -> nn.Module:
    """Call the factory that a source names; the file is run, as `python FILE.py` would.

    Args:
        source: FILE.py:NAME; NAME is a class or function without needed arguments, or a module.

    Raises:
        InputError: the file or the name is missing, or what comes of it is no module.
    """
    file, _, name = source.rpartition(":")
    path = Path(file)
    if not path.is_file():
        raise InputError(f"no file {file!r}; name it as FILE.py:FACTORY")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None  # of every file that ends in .py
    loaded = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))  # so that it finds its neighbours
    sys.modules[path.stem] = loaded
    try:
        spec.loader.exec_module(loaded)
        if not hasattr(loaded, name):
            known = [n for n, v in vars(loaded).items() if callable(v) and not n.startswith("_")]
            raise InputError(f"{file} has no {name!r}; it has {', '.join(known) or 'nothing'}")
        made = getattr(loaded, name)
        if not isinstance(made, nn.Module):
            made = made()
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{source} can't be made: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.resolve().parent))
    if not isinstance(made, nn.Module):
        raise InputError(
            f"{source} gives a {type(made).__name__}; it has to be a torch.nn.Module, or a "
            "function or class that makes one without arguments"
        )
    return made


def load_weights(module: nn.Module, path: Path) -> None:
    """Fill a module from a `.safetensors` file, or from a `.pt` file without running its code.

    Raises:
        CheckpointError: the file is missing, is neither, or holds other weights.
    """
    if not path.is_file():
        raise CheckpointError(f"no weights file {str(path)!r}")
    weights = _read_weights(path)
    wanted = module.state_dict()
    missing, odd = sorted(wanted.keys() - weights.keys()), sorted(weights.keys() - wanted.keys())
    if missing or odd:
        told = [f"it lacks {', '.join(missing[:5])}"] if missing else []
        told += [f"it has {', '.join(odd[:5])}, which the module has not"] if odd else []
        raise CheckpointError(f"{path} doesn't fit the module: {'; '.join(told)}")
    for name, value in wanted.items():
        if weights[name].shape != value.shape:
            raise CheckpointError(
                f"{path} doesn't fit the module: {name} is {list(weights[name].shape)}, "
                f"the module's is {list(value.shape)}"
            )
    module.load_state_dict(weights)


def _read_weights(path: Path) -> Mapping[str, Tensor]:
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except (SafetensorError, OSError, ValueError) as error:
            raise CheckpointError(f"{path} is no safetensors file: {error}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what it would say is in our error
            content = load_plain(path, "; save model.state_dict(), or a .safetensors file")
    except UNREADABLE as error:
        raise CheckpointError(f"{path} is no weights file of torch: {error}") from error
    for name in NESTED:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
    if not isinstance(content, Mapping) or not all(isinstance(v, Tensor) for v in content.values()):
        raise CheckpointError(f"{path} holds no weights by name; save model.state_dict()")
    return content


def parse_examples(arguments: Sequence[str]) -> dict[str, Tensor]:
    """Make an example of each NAME=SIZES, NAME=SIZES:TYPE; zeros of one step.

    Raises:
        InputError: one isn't of that form.
    """
    examples = {}
    for argument in arguments:
        name, equals, rest = argument.partition("=")
        sizes, _, dtype = rest.partition(":")
        try:
            shape = [int(size) for size in sizes.split(",")] if sizes else []
        except ValueError:
            shape = [-1]
        if not (equals and name) or any(size < 1 for size in shape) or dtype not in ("", *DTYPES):
            raise InputError(
                f"--example takes NAME=SIZES of one step, as x=1,1,12, with :int64 behind it "
                f"where it isn't float32; got {argument!r}"
            )
        examples[name] = torch.zeros(shape, dtype=DTYPES[dtype or "float32"])
    return examples


def name_results(module: nn.Module, examples: Mapping[str, Tensor]) -> list[str]:
    """Name what forward returns where the caller doesn't: a dict's keys, else output, output_1 …

    Raises:
        InputError: forward can't run on the examples.
    """
    trained = module.training
    try:
        with torch.no_grad():
            returned: Any = module.eval()(*examples.values())
    except Exception as error:
        raise InputError(
            f"forward can't run on {', '.join(examples)}: {type(error).__name__}: {error}"
        ) from error
    finally:
        module.train(trained)
    if isinstance(returned, Mapping):
        return list(map(str, returned))
    count = len(tree_leaves(returned))
    return ["output"] if count == 1 else [f"output_{number}" for number in range(count)]
