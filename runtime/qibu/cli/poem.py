"""`qibu poem`: write a poem."""

import argparse
import json
import sys
from collections.abc import Sequence

from qibu.errors import ModelFileError
from qibu.verse.forms import FORMS, split_lines
from qibu.loading import load
from qibu.poet import Poet, choose_seed
from qibu.sampling import Sampling


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    default = Sampling()
    parser = argparse.ArgumentParser(
        prog="qibu poem",
        description="Write a poem in the manner of the Tang, character by character.",
    )
    parser.add_argument(
        "--form", default="七絕", metavar="FORM", help=f"{' '.join(FORMS)}; default: 七絕"
    )
    parser.add_argument("--start", default="", metavar="TEXT", help="the first characters")
    parser.add_argument("--title", metavar="TEXT", help="what the poem is about")
    parser.add_argument("--author", metavar="NAME", help="in whose manner, such as 李白")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="the same seed gives the same poem; default: random"
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=default.temperature,
        metavar="T",
        help="below 1 safer, above 1 wilder; default: %(default)s",
    )
    parser.add_argument(
        "--top-p",
        type=float,
        default=default.top_p,
        metavar="P",
        help="draw among the likeliest characters that together have this probability; "
        "default: %(default)s",
    )
    parser.add_argument(
        "--unknown",
        choices=("fail", "skip"),
        default="fail",
        help="what to do with a character that the model doesn't know; default: %(default)s",
    )
    parser.add_argument("--stream", action="store_true", help="print each character as it comes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--model", default="poem", help="a bundled name or a file; default: poem")
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu poem`."""
    arguments = build_parser().parse_args(argv)
    poet = load(arguments.model, provider=arguments.provider)
    if not isinstance(poet, Poet):
        raise ModelFileError(f"{arguments.model} is a digits model: use it with `qibu digit`")
    seed = choose_seed(arguments.seed)
    characters = poet.stream(
        arguments.form,
        start=arguments.start,
        author=arguments.author,
        title=arguments.title,
        seed=seed,
        sampling=Sampling(temperature=arguments.temperature, top_p=arguments.top_p),
        on_unknown=arguments.unknown,
    )
    text = ""
    for character in characters:
        text += character
        if arguments.stream and not arguments.json:
            print(character, end="\n" if character == "。" else "", flush=True)
    if arguments.json:
        result = {
            "lines": split_lines(text),
            "text": text,
            "form": arguments.form,
            "seed": seed,
            "model": str(arguments.model),
            "provider": poet.stepper.provider,
        }
        print(json.dumps(result, ensure_ascii=False))
    elif not arguments.stream:
        print(text.replace("。", "。\n").rstrip("\n"))
    elif not text.endswith("。"):
        print()
    print(f"{arguments.form} · --seed {seed} · {poet.stepper.provider}", file=sys.stderr)
    return 0
