"""What is told of poem models: their perplexity, their card, their traces."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.model_file import ModelSpec
from ..quality.kind import CardTexts, Evaluation, Progress, Quality, Source
from ..text.trace_sequences import own_trace
from .novelty import CorpusLines
from .perplexity import measure_perplexity, quality_of
from .poem_trace import differences, parts
from .poet import Poet
from .survey import survey


def _facts(spec: ModelSpec) -> Sequence[tuple[str, str]]:
    return (("characters", f"{len(spec.part['vocabulary']['characters']):,}"),)


CARD = CardTexts(
    purpose="Writes Tang poems character by character; form, author and title may be given.",
    figures=(
        ("perplexity", "perplexity per character, the form given", ""),
        ("perplexity_with_title", "the title given as well", " --with title"),
        ("perplexity_with_author", "the author given as well", " --with author"),
    ),
    measured_on="{poems:,} test poems, {characters:,} characters",
    sources={
        "poems": Source(
            "57,607 Tang poems of chinese-poetry, traditional characters",
            "https://github.com/chinese-poetry/chinese-poetry",
            "MIT",
            "qibu fetch poems",
        ),
        "song": Source(
            "255,000 Song poems of chinese-poetry, traditional characters",
            "https://github.com/chinese-poetry/chinese-poetry",
            "MIT",
            "qibu fetch poems --song",
        ),
    },
    split="By the MD5 of a poem's Han characters: 95 % training, 2 % validation, 3 % test; "
    "a text that occurs twice is read once, so no test poem was trained on.",
    limits=(
        "It knows the characters of Tang verse, in traditional script, and nothing of today.",
        "It writes what sounds like a poem; it means nothing by it, and can repeat old lines.",
        "The perplexity is that of single characters; it says little of a poem as a whole.",
    ),
    python=('print(model.compose(form="七絕", start="春", seed=7))',),
    javascript='console.log((await model.compose("七絕", { seed: 7 })).text);',
    facts=_facts,
)


def _measure(poet: Poet, folder: Path, progress: Progress | None) -> dict[str, Any]:
    return quality_of(poet, folder, progress=progress)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--with",
        dest="hints",
        choices=("title", "author"),
        nargs="+",
        default=(),
        help="tell the model each poem's true title or author, the form being told always",
    )
    parser.add_argument(
        "--poems",
        type=int,
        default=1000,
        metavar="N",
        help="write N poems by the rules and N without, and judge them; 0: none; default: 1000",
    )


def _run(
    poet: Poet, folder: Path, arguments: argparse.Namespace, progress: Progress
) -> dict[str, Any]:
    hints = arguments.hints
    figures = measure_perplexity(poet, folder, hints=hints, progress=progress)
    if arguments.poems and not hints:
        corpus = CorpusLines.make(folder)
        figures["verse"] = survey(poet, arguments.poems, corpus.holds, progress=progress)
    return figures


def _show(figures: Mapping[str, Any], arguments: argparse.Namespace) -> str:
    line = (
        f"perplexity per character {figures['perplexity']:.1f} "
        f"({figures['characters']:,} characters of {figures['poems']:,} test poems"
        f"{''.join(f', {hint} given' for hint in arguments.hints)})"
    )
    return f"{line}\n\n{verse_table(figures['verse'])}" if "verse" in figures else line


# a figure of the survey: what it is called, and how it is written
_ROWS = {
    "poems": ("poems", "{:,}"),
    "form": ("exact form", "{:.1%}"),
    "rhyme": ("rhyme kept", "{:.1%}"),
    "tones": ("tone pattern kept", "{:.1%}"),
    "all": ("all rules kept", "{:.1%}"),
    "distinct_characters": ("distinct characters in a poem", "{:.1%}"),
    "line_twice": ("poems with a line twice", "{:.1%}"),
    "copied_lines_5": ("5-character lines in the corpus", "{:.1%}"),
    "copied_lines_7": ("7-character lines in the corpus", "{:.1%}"),
    "mean_log_probability": ("mean log-probability, nats a character", "{:.2f}"),
}


def verse_table(verse: Mapping[str, Mapping[str, float]]) -> str:
    """Lay the figures of `survey` out as a Markdown table."""
    rows = ["| of the poems | by the rules | the network alone |", "| --- | ---: | ---: |"]
    for name, (title, pattern) in _ROWS.items():
        values = [pattern.format(verse[kind][name]) for kind in ("rules", "free")]
        rows.append(f"| {title} | {' | '.join(values)} |")
    return "\n".join(rows)


QUALITY = Quality(
    command="poem",
    figure="perplexity",
    dataset="poems",
    measure=_measure,
    trace_parts=parts,
    trace_differences=differences,
    own_trace=own_trace,
    card=CARD,
    evaluation=Evaluation(_add_options, _run, _show),
)
