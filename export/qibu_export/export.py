"""From a trained run to one verified, self-describing ONNX file."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
from opencc import OpenCC
from torch import Tensor

from qibu.errors import ModelFileError
from qibu.files import atomic_path
from qibu.spec import KEY, ModelSpec, StatePair
from qibu.stepper import Stepper
from qibu.vocabulary import Vocabulary
from qibu_train.checkpoint import Checkpoint
from qibu_train.networks import PoemNetwork

from .graph import build_digit_graph, build_poem_graph
from .verification import Verification, verify

# greedy unless the caller says otherwise
SAMPLER_DEFAULTS = {"bias": 0.0, "temperature": 1.0, "top_k": 1, "top_p": 1.0, "uniform": 0.0}
ROWS = {"rows": "28 rows of 28 pixels from the top, ink 0..1, centred as in MNIST"}


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """Give the SHA-256 of float32 weights, by name and value."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def add_simplified(vocabulary: Vocabulary) -> Vocabulary:
    """Give each character its simplified twin by OpenCC, one to one."""
    convert = OpenCC("t2s").convert
    twins = [convert(character) for character in vocabulary.characters]
    pairs = zip(vocabulary.characters, twins, strict=True)
    simplified = "".join(twin if len(twin) == 1 else character for character, twin in pairs)
    return replace(vocabulary, simplified=simplified)


def build_spec(checkpoint: Checkpoint) -> ModelSpec:
    """Write down what a checkpoint's file will say of itself."""
    network = checkpoint.network()
    kind, config = network.kind, checkpoint.config
    states = () if kind.bidirectional else kind.states
    shape = (config.num_layers, None, config.hidden_size)
    return ModelSpec(
        task="text" if config.task == "poem" else "digits",
        cell=config.cell,
        num_layers=config.num_layers,
        hidden_size=config.hidden_size,
        streaming=not kind.bidirectional,
        states=tuple(StatePair(f"{name}_in", f"{name}_out", shape) for name in states),
        weights_sha256=weights_digest(checkpoint.weights),
        defaults=SAMPLER_DEFAULTS if config.task == "poem" else {},
        vocabulary=checkpoint.vocabulary and add_simplified(checkpoint.vocabulary),
        preprocessing={} if config.task == "poem" else ROWS,
        training={"config": config.to_json(), **checkpoint.record},
    )


def build_model(checkpoint: Checkpoint) -> onnx.ModelProto:
    """Build the graph of a checkpoint and write its spec into the metadata."""
    network = checkpoint.network()
    if isinstance(network, PoemNetwork):
        model = build_poem_graph(network)
    else:
        model = build_digit_graph(network)
    _set_spec(model, build_spec(checkpoint))
    return model


def _set_spec(model: onnx.ModelProto, spec: ModelSpec) -> None:
    onnx.helper.set_model_props(model, {KEY: spec.to_json()})


def export(
    checkpoint: Checkpoint,
    path: Path,
    measure: Callable[[Path], dict[str, Any]] | None = None,
) -> tuple[Verification, dict[str, Any]]:
    """Write a verified model file, or none.

    Args:
        checkpoint: what `qibu train` left.
        path: the `.onnx` file to write.
        measure: steps the new file and gives the figures that go into its metadata.

    Returns:
        What was compared, and the figures.

    Raises:
        VerificationError: torch and onnxruntime disagree; nothing is written then.
    """
    if path.suffix != ".onnx":
        raise ModelFileError(f"a model file ends in .onnx, got {str(path)!r}")
    model = build_model(checkpoint)
    with atomic_path(path) as temporary:
        onnx.save(model, temporary)
        result = verify(checkpoint.network(), Stepper(temporary))
        figures = measure(temporary) if measure else {}
        _set_spec(model, replace(build_spec(checkpoint), quality=figures))
        onnx.save(model, temporary)
    return result, figures


def verify_file(path: Path, checkpoint: Checkpoint) -> Verification:
    """Repeat the verification on an existing file.

    Raises:
        ModelFileError: the file was made from other weights.
        VerificationError: torch and onnxruntime disagree.
    """
    stepper = Stepper(path)
    wanted = weights_digest(checkpoint.weights)
    if stepper.spec is None or stepper.spec.weights_sha256 != wanted:
        raise ModelFileError(
            f"{path} was made from weights {stepper.model[:12]}, the checkpoint has {wanted[:12]}"
        )
    return verify(checkpoint.network(), stepper)
