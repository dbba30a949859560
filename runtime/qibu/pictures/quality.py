"""What is told of models that read pictures: their accuracy, their card, their traces."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.model_file import ModelSpec
from ..quality.kind import CardTexts, Evaluation, Progress, Quality, Source
from .accuracy import measure_accuracy
from .digit_trace import differences, own_trace, parts
from .picture_format import MNIST
from .reader import Reader

CARD = CardTexts(
    purpose="Reads a handwritten digit row by row from the top, and answers after every row.",
    whole="Reads the rows of a handwritten digit from the top and from the bottom, as a whole.",
    figures=(("accuracy", "accuracy", ""),),
    measured_on="{pictures:,} test pictures",
    sources={
        "digits": Source(
            "MNIST: 70,000 handwritten digits, 28 × 28 pixels",
            "http://yann.lecun.com/exdb/mnist/",
            "CC BY-SA 3.0",
            "qibu fetch digits",
        ),
    },
    split="MNIST's own 10,000 test pictures; of its 60,000 training pictures the last 5,000 "
    "are for validation. The weights kept are those best on the validation pictures.",
    limits=(
        "It reads one upright digit in a picture, centred as in MNIST; `qibu.pictures` does that "
        "to drawings and photographs.",
        "It always answers with one of ten digits, whatever it is shown.",
        "Its training pictures are from the United States of around 1990: other hands write a 1 "
        "or a 7 otherwise.",
    ),
    python=(
        "from qibu.pictures import read_picture",
        'print(model.read(read_picture("three.png")).digit)',
    ),
    javascript="console.log((await model.read(picture)).digit); // 28 × 28, ink 0..1",
)


def _facts(spec: ModelSpec) -> Sequence[tuple[str, str]]:
    """Tell what the pictures are, and what they may show."""
    said, labels = spec.part["picture"], spec.ports["probabilities"].labels
    names = ", ".join(" ".join(label.split()).replace("|", r"\|") for label in labels)
    return (
        ("pictures", f"{said['width']} × {said['height']}, grey"),
        ("classes", f"{len(labels)}: {names}"),
    )


OWN_CARD = CardTexts(
    purpose="Reads a picture row by row from the top, and answers after every row.",
    whole="Reads the rows of a picture from the top and from the bottom, as a whole.",
    figures=(("accuracy", "accuracy", " --from DIR"),),
    measured_on="{pictures:,} test pictures",
    sources={},
    split="By the SHA-256 of each picture, a tenth of every class to choose the weights; where the "
    "data has no test pictures of its own, another tenth to judge them.",
    limits=(
        "It always answers with one of its classes, whatever it is shown.",
        "It sees greys, as small as its pictures are: colours and detail are lost to it.",
        "What it was not shown in training, such as other light, another side or another size of "
        "the thing in the picture, it may not know.",
    ),
    python=("print(model.read(model.read_picture('picture.png')).label)",),
    javascript="console.log((await model.read(model.prepare(grey))).label); // 0 black to 1 white",
    facts=_facts,
    train_options=" --from DIR",
)


def _card(spec: ModelSpec) -> CardTexts:
    own = spec.part.get("picture", {}).get("preparation", MNIST.preparation) != MNIST.preparation
    return OWN_CARD if own else CARD


def _has_known_data(reader: Reader) -> bool:
    return reader.pictures.preparation == MNIST.preparation


def _measure(reader: Reader, folder: Path, progress: Progress | None) -> dict[str, Any]:
    return measure_accuracy(reader, folder, progress=progress)


def _no_options(parser: argparse.ArgumentParser) -> None:
    """Add nothing: there is nothing to choose."""


def _run(
    reader: Reader, folder: Path, arguments: argparse.Namespace, progress: Progress
) -> dict[str, Any]:
    return measure_accuracy(reader, folder, progress=progress)


def _show(figures: Mapping[str, Any], arguments: argparse.Namespace) -> str:
    return (
        f"accuracy {figures['accuracy']:.2%} "
        f"({figures['right']:,} of {figures['pictures']:,} test pictures)"
    )


QUALITY = Quality(
    command="digits",
    figure="accuracy",
    dataset="digits",
    measure=_measure,
    trace_parts=parts,
    trace_differences=differences,
    own_trace=own_trace,
    card=CARD,
    card_of=_card,
    has_known_data=_has_known_data,
    evaluation=Evaluation(_no_options, _run, _show),
)
