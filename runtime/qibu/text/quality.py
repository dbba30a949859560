"""What is told of models of any text: their bits per character, their card, their traces."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import DataError
from ..core.model_file import ModelSpec
from ..quality.kind import CardTexts, Evaluation, Progress, Quality
from .text_file import read_text
from .text_trace import differences, parts
from .token_nats import nats_of, nats_of_many
from .trace_sequences import own_trace
from .vocabulary import UNKNOWN
from .writer import Writer


def measure_bits(
    writer: Writer, text: str, *, by_line: bool = False, progress: Progress | None = None
) -> dict[str, Any]:
    """Measure how strange a text is to a model; a character that it doesn't know is `<unk>`.

    Args:
        writer: the model.
        text: what it is measured on.
        by_line: whether each line is a text of its own, read from its beginning; else all is one.
        progress: called with what is done, and of how much.

    Returns:
        bits_per_character, characters, unknown; of a model of bytes also bits_per_byte.

    Raises:
        DataError: there is nothing to measure on.
    """
    texts = [line for line in text.splitlines() if line] if by_line else [text]
    tokens = [writer.alphabet.encode(one, "replace") for one in texts]
    characters = sum(map(len, texts))
    if not characters:
        raise DataError("there is no character to measure on")
    beginning = writer.prompt()
    if not beginning:  # the first character then has nothing before it
        return _bits(writer, tokens[0][1:], len(text) - 1, tokens[0][:1], progress)
    if by_line:
        nats = np.concatenate(nats_of_many(writer.stepper, beginning, tokens, progress))
        return _figures(writer, tokens, float(nats.sum()), characters)
    return _bits(writer, tokens[0], characters, beginning, progress)


def _bits(
    writer: Writer,
    tokens: Sequence[int],
    characters: int,
    beginning: Sequence[int],
    progress: Progress | None,
) -> dict[str, Any]:
    stepper = writer.stepper
    nats = nats_of(stepper, stepper.initial_state(), beginning, tokens, progress)
    return _figures(writer, [tokens], float(nats.sum()), characters)


def _figures(
    writer: Writer, tokens: Sequence[Sequence[int]], nats: float, characters: int
) -> dict[str, Any]:
    bits, count = nats / np.log(2), sum(map(len, tokens))
    unknown = writer.vocabulary.id(UNKNOWN)
    figures: dict[str, Any] = {
        "bits_per_character": bits / characters,
        "characters": characters,
        "unknown": sum(list(one).count(unknown) for one in tokens),
    }
    if writer.unit == "byte":
        figures["bits_per_byte"] = bits / count
    return figures


def _is_by_line(writer: Writer) -> bool:
    """Say whether the file was trained on lines of their own."""
    spec = writer.stepper.spec
    return spec is not None and spec.training.get("data", {}).get("split") == "line"


def _measure(writer: Writer, data: Path, progress: Progress | None) -> dict[str, Any]:
    text = read_text(data)
    return measure_bits(writer, text, by_line=_is_by_line(writer), progress=progress)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lines",
        action="store_true",
        help="measure every line as a text of its own; default: as the model was trained",
    )


def _run(
    writer: Writer, data: Path, arguments: argparse.Namespace, progress: Progress
) -> dict[str, Any]:
    by_line = arguments.lines or _is_by_line(writer)
    return measure_bits(writer, read_text(data), by_line=by_line, progress=progress)


def _show(figures: Mapping[str, Any], arguments: argparse.Namespace) -> str:
    unknown = f", {figures['unknown']:,} of them unknown" if figures["unknown"] else ""
    by_byte = f", {figures['bits_per_byte']:.3f} per byte" if "bits_per_byte" in figures else ""
    return (
        f"{figures['bits_per_character']:.3f} bits per character{by_byte} "
        f"({figures['characters']:,} characters{unknown})"
    )


def _facts(spec: ModelSpec) -> Sequence[tuple[str, str]]:
    known = len(spec.part["vocabulary"]["characters"])
    unit = spec.part.get("unit", "char")
    return (("characters" if unit == "char" else "bytes", f"{known:,}"),)


CARD = CardTexts(
    purpose="Writes text like that which it was trained on, and tells how strange a text is.",
    figures=(("bits_per_character", "bits per character", " --from FILE"),),
    measured_on="{characters:,} characters that it was not trained on",
    sources={},
    licence="",  # it is whose the text is
    split="A part of the text is held out by its hash, before anything else.",
    limits=(
        "It knows the text that it was trained on, and nothing else.",
        "It writes what looks like that text; it means nothing by it, and can repeat parts of it.",
    ),
    python=('print(model.write("", seed=7, length=200))',),
    javascript='console.log((await model.write("", { seed: 7, length: 200 })).text);',
    facts=_facts,
)

QUALITY = Quality(
    command="text",
    figure="bits_per_character",
    dataset=None,
    measure=_measure,
    trace_parts=parts,
    trace_differences=differences,
    own_trace=own_trace,
    card=CARD,
    evaluation=Evaluation(_add_options, _run, _show),
)
