"""The golden trace of a text model: tokens drawn among all, and texts."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..core.errors import VerificationError
from ..quality.trace_format import Difference, Trace
from .plain_text import PlainText
from .sampling import Sampling
from .steady_draws import SteadySteps
from .token_classes import ranges_of
from .trace_sequences import Ranges, first_steady, sequence, sequence_differences, take_to_its_end
from .writer import Writer

LENGTH = 40  # characters of a text


def parts(writer: Writer) -> dict[str, Any]:
    """Give what a trace holds of a text model: the classes, sequences and texts.

    Raises:
        VerificationError: no seed draws tokens that stand as much noise as a trace allows.
    """
    first, size = len(writer.vocabulary.controls), len(writer.vocabulary)
    classes = {"any": ranges_of(range(first, size))}
    return {
        "classes": classes,
        "sequences": list(_sequences(writer, classes)),
        "texts": [first_steady(writer.stepper, "a text", partial(_text, writer))],
    }


def differences(writer: Writer, trace: Trace) -> Iterator[Difference]:
    """Write a trace's texts and step through its sequences; give how far every value is off.

    Raises:
        VerificationError: a token or a text is another one.
    """
    for wanted in trace["texts"]:
        text = writer.write(wanted["start"], seed=wanted["seed"], length=wanted["length"]).text
        if text != wanted["text"]:
            raise VerificationError(
                f"seed {wanted['seed']}: {text!r}, the trace has {wanted['text']!r}"
            )
    for one in trace["sequences"]:
        yield from sequence_differences(writer.stepper, trace, one)


def _sequences(writer: Writer, classes: Ranges) -> Iterator[dict[str, Any]]:
    beginning = writer.prompt() or writer.specimen()[:1]
    longer = [*writer.prompt(), *writer.specimen()[:4]]
    whole = Sampling(temperature=1.2, top_k=0, top_p=1.0)
    of_writer = partial(sequence, writer.stepper, writer.vocabulary, classes)
    for name, prompt, count, sampling in (
        ("a text", beginning, 32, Sampling()),
        ("the likeliest", longer, 24, Sampling(top_k=1)),
        ("all", longer, 9, whole),
    ):
        write = partial(of_writer, prompt, ["any"] * count, sampling)
        yield {"name": name, **first_steady(writer.stepper, name, write)}


def _text(writer: Writer, seed: int) -> dict[str, Any]:
    """Write a text as `Writer.write` does."""
    start = "" if writer.prompt() else writer.alphabet.decode(writer.specimen()[:1])
    text = _Steady(writer.alphabet.guide(), writer.end, LENGTH)
    take_to_its_end(text, SteadySteps(writer.stepper, Sampling()), writer.prompt(start), seed)
    written = start + "".join(text.pieces)
    return {"start": start, "length": LENGTH, "seed": seed, "text": written}


class _Steady(PlainText):
    """A text that takes its tokens by itself, and keeps what came of them."""

    pieces: list[str]

    def accept(self, token: int, logits: object) -> None:
        """Go on with a token."""
        self.pieces = [*getattr(self, "pieces", []), self.take(token)]
