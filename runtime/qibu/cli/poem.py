"""`qibu poem`: write a poem."""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import chain
from typing import Any

from qibu.cli.other_kinds import of_another_kind
from qibu.core.errors import InputError
from qibu.loading import load
from qibu.text.sampling import Sampling
from qibu.text.seeded_random import choose_seed
from qibu.verse.composition import Composition
from qibu.verse.forms import FORMS
from qibu.verse.novelty import corpus_lines
from qibu.verse.poet import Poet
from qibu.verse.request import REPETITION, Wishes

EXAMPLES = """\
examples:
  qibu poem --form 五律 --title 山居 --author 王维
  qibu poem --acrostic 一路平安 --form 五绝
  qibu poem --start 春风又绿江南岸 --rhyme 东
  qibu poem --form 五排 --lines 16 --best-of 8 --report
"""


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu poem",
        description="Write a poem in the manner of the Tang, character by character. It keeps the "
        "length, the rhyme and the tones of its form. Characters may be given in either script.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_verse(parser.add_argument_group("verse"))
    _add_drawing(parser.add_argument_group("drawing"))
    output = parser.add_argument_group("output")
    output.add_argument(
        "--script",
        choices=("simplified", "traditional"),
        default="simplified",
        help="default: %(default)s",
    )
    output.add_argument("--stream", action="store_true", help="print each character as it comes")
    output.add_argument(
        "--report", action="store_true", help="show tones, rhyme and each rule kept or broken"
    )
    output.add_argument("--json", action="store_true", help="print one JSON object a poem")
    parser.add_argument("--model", default="poem", help="a bundled name or a file; default: poem")
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def _add_verse(group: Any) -> None:
    group.add_argument(
        "--form",
        default="七絕",
        metavar="FORM",
        help=f"{' '.join(FORMS)}; 五排 七排 are 排律, 五古 七古 古風 keep no tones, 雜言 nothing; "
        "default: 七絕",
    )
    group.add_argument("--lines", type=int, metavar="N", help="of 排律 (default 12) and 古風")
    group.add_argument("--line-length", type=int, metavar="N", help="of 古風; default: 5")
    group.add_argument(
        "--start", default="", metavar="TEXT", help="the first characters, or the first line"
    )
    group.add_argument(
        "--acrostic", default="", metavar="TEXT", help="藏頭: the first character of each line"
    )
    group.add_argument(
        "--rhyme", metavar="GROUP", help="a level Pingshui group, or a character in it, such as 東"
    )
    group.add_argument(
        "--pattern", metavar="NAME", help="平起 or 仄起, and 首句入韻 or 首句不入韻; or a part"
    )
    group.add_argument("--title", metavar="TEXT", help="what the poem is about")
    group.add_argument("--author", metavar="NAME", help="in whose manner, such as 李白")
    group.add_argument(
        "--free", action="store_true", help="keep no rules, not even the form: the network alone"
    )


def _add_drawing(group: Any) -> None:
    default = Sampling()
    group.add_argument(
        "--seed", type=int, metavar="N", help="the same seed gives the same poem; default: random"
    )
    group.add_argument(
        "--count", type=int, default=1, metavar="N", help="poems, of seeds one after another"
    )
    group.add_argument(
        "--best-of", type=int, default=1, metavar="N", help="write N and show the best alone"
    )
    group.add_argument(
        "--temperature",
        type=float,
        default=default.temperature,
        metavar="T",
        help="below 1 safer, above 1 wilder; default: %(default)s",
    )
    group.add_argument(
        "--top-p",
        type=float,
        default=default.top_p,
        metavar="P",
        help="draw among the likeliest characters that together have this probability; "
        "default: %(default)s",
    )
    group.add_argument(
        "--repetition",
        type=float,
        default=REPETITION,
        metavar="R",
        help="nats that a character loses each time it stands in the poem; default: %(default)s",
    )
    group.add_argument(
        "--unknown",
        choices=("fail", "skip"),
        default="fail",
        help="what to do with a character that the model doesn't know; default: %(default)s",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu poem`."""
    arguments = build_parser().parse_args(argv)
    if arguments.best_of > 1 and arguments.count > 1:
        raise InputError("--count and --best-of don't go together: --best-of shows one poem")
    poet = load(arguments.model, provider=arguments.provider)
    if not isinstance(poet, Poet):
        raise of_another_kind(poet, arguments.model)
    seed = choose_seed(arguments.seed)
    sampling = Sampling(temperature=arguments.temperature, top_p=arguments.top_p)
    wishes = Wishes(
        start=arguments.start,
        acrostic=arguments.acrostic,
        rhyme=arguments.rhyme,
        pattern=arguments.pattern,
        author=arguments.author,
        title=arguments.title,
        lines=arguments.lines,
        line_length=arguments.line_length,
        repetition=arguments.repetition,
        rules=not arguments.free,
        script=arguments.script,
        on_unknown=arguments.unknown,
    )
    if arguments.stream:
        if arguments.count > 1 or arguments.best_of > 1 or arguments.json or arguments.report:
            raise InputError(
                "--stream prints one poem as it comes: leave --count, --best-of, --json, --report"
            )
        written = poet.stream(arguments.form, seed=seed, sampling=sampling, **wishes)
        first = next(written)  # what can't be had is told before anything is printed
        if arguments.author:
            print(poet.heading(arguments.author, arguments.script))
        for character in chain([first], written):
            print(character, end="\n" if character in "。？！" else "", flush=True)
        print(f"{arguments.form} · --seed {seed} · {poet.stepper.provider}", file=sys.stderr)
        return 0
    if arguments.best_of > 1:
        corpus = corpus_lines()
        poems = [
            poet.compose(
                arguments.form,
                seed=seed,
                sampling=sampling,
                best_of=arguments.best_of,
                is_copied=corpus.holds if corpus else None,
                **wishes,
            )
        ]
    else:
        poems = poet.compose_many(
            arguments.count, arguments.form, seed=seed, sampling=sampling, **wishes
        )
    for poem in poems:
        _show(poem, arguments, poet.stepper.provider)
    return 0


def _show(poem: Composition, arguments: argparse.Namespace, provider: str) -> None:
    if arguments.json:
        report = poem.report.to_json()
        result = {
            "lines": poem.lines,
            "text": poem.text,
            "heading": poem.heading,
            "form": poem.form,
            "pattern": poem.pattern,
            "rhyme": poem.rhyme,
            "seed": poem.seed,
            "model": str(arguments.model),
            "provider": provider,
            "mean_log_probability": poem.mean_log_probability,
            "report": {name: report[name] for name in ("passed", "tones", "rules")},
        }
        print(json.dumps(result, ensure_ascii=False))
        return
    if poem.heading:
        print(poem.heading)
    print(poem)
    if arguments.report:
        print(f"\n{poem.report}")
    elif arguments.count > 1:
        print()
    facts = [poem.form, poem.pattern, poem.rhyme and f"{poem.rhyme}韻", f"--seed {poem.seed}"]
    print(" · ".join(fact for fact in (*facts, provider) if fact), file=sys.stderr)
