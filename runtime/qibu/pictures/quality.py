"""What is told of digits models: their accuracy, their card, their traces."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..quality.kind import CardTexts, Evaluation, Progress, Quality, Source
from .accuracy import measure_accuracy
from .digit_reader import DigitReader
from .digit_trace import differences, own_trace, parts

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


def _measure(reader: DigitReader, folder: Path, progress: Progress | None) -> dict[str, Any]:
    return measure_accuracy(reader, folder, progress=progress)


def _no_options(parser: argparse.ArgumentParser) -> None:
    """Add nothing: there is nothing to choose."""


def _run(
    reader: DigitReader, folder: Path, arguments: argparse.Namespace, progress: Progress
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
    evaluation=Evaluation(_no_options, _run, _show),
)
