"""From a trained run to one verified, self-describing ONNX file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import log2
from pathlib import Path
from typing import Any

from qibu.core.errors import InputError, ModelFileError, VerificationError
from qibu.core.golden_trace import record_trace
from qibu.core.model_file import GoldenTrace, ModelSpec
from qibu.core.stepper import Stepper
from qibu.quality.kind import quality_of
from qibu.quality.trace_format import TOLERANCES
from qibu_train.core.application import application_of
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.core.run_config import RunConfig

from ..module.description import weights_digest
from ..module.equality import ModuleVerification
from ..module.loss import Loss
from ..module.writing import Addition, verify_written, write_module
from .application import kind_of
from .step_module import StepModule

Figures = dict[str, Any]

# how much worse a figure may be than in float32
PERPLEXITY = 1.01  # times
ACCURACY = 0.001  # less, or one picture of a small set


def _fewer(found: Figures, reference: Figures) -> bool:
    least = max(ACCURACY, 1 / reference.get("pictures", 1 / ACCURACY))
    return bool(found["accuracy"] < reference["accuracy"] - least - 1e-9)


# whether a figure is too much worse than in float32
LOSSES: Mapping[str, Callable[[Figures, Figures], bool]] = {
    "perplexity": lambda found, reference: (
        found["perplexity"] > PERPLEXITY * reference["perplexity"]
    ),
    "bits_per_character": lambda found, reference: (
        found["bits_per_character"] > reference["bits_per_character"] + log2(PERPLEXITY)
    ),
    "accuracy": _fewer,
}


@dataclass(frozen=True)
class _ByFigures:
    """Judges by the figures that go into the file."""

    measure: Callable[[Path], Figures]

    def quality(self, path: Path) -> Figures:
        return self.measure(path)

    def loss(self, found: Figures, reference: Figures) -> Loss:
        names = [name for name in LOSSES if name in found]
        texts = {
            name: f"{name} {found[name]:.5g}, in float32 {reference[name]:.5g}" for name in names
        }
        bad = [texts[name] for name in names if LOSSES[name](found, reference)]
        return Loss(", ".join(texts.values()), {**found, "float32": reference}, ", ".join(bad))


def export(
    checkpoint: Checkpoint,
    path: Path,
    measure: Callable[[Path], Figures] | None = None,
    precision: str = "float32",
) -> tuple[ModuleVerification, Figures]:
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
    if precision != "float32" and measure is None:
        raise InputError(f"a file in {precision} has to be measured, got no measure")
    network = checkpoint.network()
    if precision == "int8" and network.kind.bidirectional:
        raise InputError(
            f"cell {network.cell!r} reads both ways and has no int8 form; leave --int8"
        )
    _want_finite(checkpoint)
    kind = kind_of(checkpoint.config.task)
    module = StepModule(network, kind)
    verification = write_module(
        module,
        path,
        module.request(path, precision),
        precision=precision,
        judge=None if measure is None else _ByFigures(measure),
        addition=Addition(lambda spec: document(checkpoint, spec), kind.complete, _trace),
    )
    spec = Stepper(path).spec
    return verification, dict(spec.quality) if spec else {}


def _want_finite(checkpoint: Checkpoint) -> None:
    for name, value in checkpoint.weights.items():
        if not bool(value.isfinite().all()):
            odd = value[~value.isfinite()].flatten()[0].item()
            raise VerificationError(
                f"weight {name} has the value {odd}: the training diverged; train again with a "
                "smaller learning rate, as --set learning_rate=1e-3"
            )


def document(checkpoint: Checkpoint, spec: ModelSpec) -> ModelSpec:
    """Complete what a checkpoint's file says of itself.

    Args:
        checkpoint: what `qibu train` left.
        spec: of its network as a module.
    """
    config, kind = checkpoint.config, kind_of(checkpoint.config.task)
    return replace(
        spec,
        task=checkpoint.application.file_task,
        part={
            "cell": config.cell,
            "num_layers": config.num_layers,
            "hidden_size": config.hidden_size,
            **kind.part(checkpoint),
        },
        ports=kind.ports(checkpoint),
        weights_sha256=weights_digest(checkpoint.weights),
        defaults=kind.defaults,
        training={**preset_of(config), "config": config.to_json(), **checkpoint.record},
    )


def preset_of(config: RunConfig) -> dict[str, Any]:
    """Name the preset of a run, and the settings that were changed; the seed is none of them."""
    preset = application_of(config.task).preset(config.cell).to_json()
    own = config.to_json()
    changed = {name: own[name] for name in own if own[name] != preset[name] and name != "seed"}
    return {"preset": f"{config.task}-{config.cell}", "changed": changed}


def _trace(stepper: Stepper) -> GoldenTrace:
    """Note a few steps, so that the file can be proved wherever it goes."""
    spec, application = stepper.spec, stepper.application
    assert spec is not None and application is not None  # the file is ours
    quality = quality_of(spec, str(stepper.path))
    tolerance = float(TOLERANCES[spec.quantization]["logits"])
    return record_trace(stepper, quality.own_trace(application.open(stepper)), tolerance)


def verify_file(path: Path, checkpoint: Checkpoint) -> ModuleVerification:
    """Repeat the verification on an existing file.

    Raises:
        ModelFileError: the file was made from other weights.
        VerificationError: torch and onnxruntime disagree.
    """
    wanted = weights_digest(checkpoint.weights)
    spec = Stepper(path).spec
    found = str(spec and spec.weights_sha256)
    if found != wanted:
        raise ModelFileError(
            f"{path} was made from weights {found[:12]}, the checkpoint has {wanted[:12]}"
        )
    module = StepModule(checkpoint.network(), kind_of(checkpoint.config.task))
    return verify_written(module, path, module.request(path, "float32"))
