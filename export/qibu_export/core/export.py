"""From a trained run to one verified, self-describing ONNX file."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
from torch import Tensor

from qibu.core.errors import InputError, ModelFileError, VerificationError
from qibu.core.files import atomic_path
from qibu.core.golden_trace import check_own_trace, record_trace
from qibu.core.model_file import KEY, GoldenTrace, ModelSpec
from qibu.core.port import StatePair
from qibu.core.stepper import Stepper
from qibu.quality.kind import quality_of_task
from qibu.quality.trace_format import TOLERANCES
from qibu_train.core.application import application_of
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.core.run_config import RunConfig

from .against_torch import Verification, verify
from .application import kind_of
from .precision import PRECISIONS, Precision

# whether a figure is too much worse than in float32
LOSSES: Mapping[str, Callable[[float, float], bool]] = {
    "perplexity": lambda found, reference: found > 1.01 * reference,
    "accuracy": lambda found, reference: found < reference - 0.001,
}


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """Give the SHA-256 of float32 weights, by name and value."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].detach().cpu().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def preset_of(config: RunConfig) -> dict[str, Any]:
    """Name the preset of a run, and the settings that were changed; the seed is none of them."""
    preset = application_of(config.task).preset(config.cell).to_json()
    own = config.to_json()
    changed = {name: own[name] for name in own if own[name] != preset[name] and name != "seed"}
    return {"preset": f"{config.task}-{config.cell}", "changed": changed}


def build_spec(checkpoint: Checkpoint, precision: Precision = "float32") -> ModelSpec:
    """Write down what a checkpoint's file will say of itself."""
    network = checkpoint.network()
    export, kind, config = kind_of(network), network.kind, checkpoint.config
    states = () if kind.bidirectional else kind.states
    shape = (config.num_layers, None, config.hidden_size)
    return ModelSpec(
        task=checkpoint.application.file_task,
        part={
            "cell": config.cell,
            "num_layers": config.num_layers,
            "hidden_size": config.hidden_size,
            **export.part(checkpoint.extra),
        },
        streaming=not kind.bidirectional,
        states=tuple(StatePair(f"{name}_in", f"{name}_out", shape) for name in states),
        ports=export.ports_of(checkpoint.extra) if export.ports_of else export.ports,
        weights_sha256=weights_digest(checkpoint.weights),
        defaults=export.defaults,
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
    model = kind_of(network).build_graph(network, precision)
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
    stepper = Stepper(path)
    result = verify(checkpoint.network(), stepper)
    figures = {**(measure(path) if measure else {}), **quality}
    spec = build_spec(checkpoint, precision)
    _set_spec(model, replace(spec, quality=figures, trace=_trace(stepper)))
    onnx.save(model, path)
    check_own_trace(Stepper(path))
    return result, figures


def _trace(stepper: Stepper) -> GoldenTrace:
    """Note a few steps, so that the file can be proved wherever it goes."""
    spec, application = stepper.spec, stepper.application
    assert spec is not None and application is not None  # the file is ours
    quality = quality_of_task(spec.task, str(stepper.path))
    tolerance = float(TOLERANCES[spec.quantization]["logits"])
    return record_trace(stepper, quality.own_trace(application.open(stepper)), tolerance)


def verify_file(path: Path, checkpoint: Checkpoint) -> Verification:
    """Repeat the verification on an existing file.

    Raises:
        ModelFileError: the file was made from other weights.
        VerificationError: torch and onnxruntime disagree.
    """
    stepper = Stepper(path)
    wanted = weights_digest(checkpoint.weights)
    found = str(stepper.spec and stepper.spec.weights_sha256)
    if found != wanted:
        raise ModelFileError(
            f"{path} was made from weights {found[:12]}, the checkpoint has {wanted[:12]}"
        )
    return verify(checkpoint.network(), stepper)
