"""From a trained run to one verified, self-describing ONNX file."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import onnx
from opencc import OpenCC
from torch import Tensor

from qibu.core.errors import InputError, ModelFileError, VerificationError
from qibu.core.files import atomic_path
from qibu.core.model_file import KEY, ModelSpec
from qibu.core.port import StatePair
from qibu.core.stepper import Stepper
from qibu.text.vocabulary import Vocabulary
from qibu_train.core.application import application_of
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.core.run_config import RunConfig
from qibu_train.digits.network import DigitNetwork
from qibu_train.poems.network import PoemNetwork

from .against_torch import Verification, verify
from .graph import PRECISIONS, Precision, build_digit_graph, build_poem_graph

# greedy unless the caller says otherwise
SAMPLER_DEFAULTS = {"bias": 0.0, "temperature": 1.0, "top_k": 1, "top_p": 1.0, "uniform": 0.0}
# whether a figure is too much worse than in float32
LOSSES: Mapping[str, Callable[[float, float], bool]] = {
    "perplexity": lambda found, reference: found > 1.01 * reference,
    "accuracy": lambda found, reference: found < reference - 0.001,
}
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


def preset_of(config: RunConfig) -> dict[str, Any]:
    """Name the preset of a run, and the settings that were changed; the seed is none of them."""
    preset = application_of(config.task).preset(config.cell).to_json()
    own = config.to_json()
    changed = {name: own[name] for name in own if own[name] != preset[name] and name != "seed"}
    return {"preset": f"{config.task}-{config.cell}", "changed": changed}


def build_spec(checkpoint: Checkpoint, precision: Precision = "float32") -> ModelSpec:
    """Write down what a checkpoint's file will say of itself."""
    network = checkpoint.network()
    kind, config = network.kind, checkpoint.config
    states = () if kind.bidirectional else kind.states
    shape = (config.num_layers, None, config.hidden_size)
    return ModelSpec(
        task=cast(Task, checkpoint.application.file_task),
        cell=config.cell,
        num_layers=config.num_layers,
        hidden_size=config.hidden_size,
        streaming=not kind.bidirectional,
        states=tuple(StatePair(f"{name}_in", f"{name}_out", shape) for name in states),
        weights_sha256=weights_digest(checkpoint.weights),
        defaults=SAMPLER_DEFAULTS if config.task == "poem" else {},
        vocabulary=checkpoint.extra and add_simplified(checkpoint.extra),
        preprocessing={} if config.task == "poem" else ROWS,
        training={**preset_of(config), "config": config.to_json(), **checkpoint.record},
        quantization=PRECISIONS[precision].quantization,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
    )


def build_model(checkpoint: Checkpoint, precision: Precision = "float32") -> onnx.ModelProto:
    """Build the graph of a checkpoint and write its spec into the metadata."""
    network = checkpoint.network()
    if precision == "int8" and network.kind.bidirectional:
        raise InputError(
            f"cell {network.cell!r} reads both ways and has no int8 form; leave --int8"
        )
    if isinstance(network, PoemNetwork):
        model = build_poem_graph(network, precision)
    elif isinstance(network, DigitNetwork):
        model = build_digit_graph(network, precision)
    else:
        raise InputError(f"no graph is known for a {type(network).__name__}")
    _set_spec(model, build_spec(checkpoint, precision))
    return model


def _set_spec(model: onnx.ModelProto, spec: ModelSpec) -> None:
    onnx.helper.set_model_props(model, {KEY: spec.to_json()})


Measure = Callable[[Path], dict[str, Any]]


def export(
    checkpoint: Checkpoint,
    path: Path,
    measure: Measure | None = None,
    precision: Precision = "float32",
) -> tuple[Verification, dict[str, Any]]:
    """Write a verified model file, or none.

    Args:
        checkpoint: what `qibu train` left.
        path: the `.onnx` file to write.
        measure: steps the new file and gives the figures that go into its metadata; a quantised
            file has to have some.
        precision: "float32"; "int8" multiplies in 8 bits, for CPUs; "int8-weights" only stores in
            8 bits and computes in float32, for GPUs.

    Returns:
        What was compared, and the figures; of a quantised file, those of the same weights in
        float32 as well, under `float32`.

    Raises:
        VerificationError: torch and onnxruntime disagree, or quantisation costs more quality than
            `LOSSES` allows; nothing is written then.
    """
    if path.suffix != ".onnx":
        raise ModelFileError(f"a model file ends in .onnx, got {str(path)!r}")
    with atomic_path(path) as temporary:
        if precision == "float32":
            return _write(checkpoint, precision, temporary, measure, {})
        if measure is None:
            raise InputError(f"a file in {precision} has to be measured, got no measure")
        _, reference = _write(checkpoint, "float32", temporary, measure, {})
        written = _write(checkpoint, precision, temporary, measure, {"float32": reference})
        _want_quality(written[1], reference)
    return written


def _want_quality(figures: Mapping[str, Any], reference: Mapping[str, Any]) -> None:
    for name, too_much in LOSSES.items():
        if name in figures and too_much(figures[name], reference[name]):
            raise VerificationError(
                f"8 bits cost too much: {name} {figures[name]:.5g}, "
                f"in float32 {reference[name]:.5g}; export in float32"
            )


def _write(
    checkpoint: Checkpoint,
    precision: Precision,
    path: Path,
    measure: Measure | None,
    quality: dict[str, Any],
) -> tuple[Verification, dict[str, Any]]:
    model = build_model(checkpoint, precision)
    onnx.save(model, path)
    result = verify(checkpoint.network(), Stepper(path))
    figures = {**(measure(path) if measure else {}), **quality}
    _set_spec(model, replace(build_spec(checkpoint, precision), quality=figures))
    onnx.save(model, path)
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
