"""`qibu text`: write any text with a model of one's own, or tell how strange a text is."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qibu.cli.other_kinds import of_another_kind
from qibu.cli.progress import report_to
from qibu.core.errors import InputError
from qibu.core.state import State
from qibu.loading import load
from qibu.text.sampling import Sampling
from qibu.text.seeded_random import choose_seed
from qibu.text.text_file import read_text
from qibu.text.writer import LENGTH, Manner, Writer, Writing

EXAMPLES = """\
examples:
  qibu text own.onnx --start "Once upon" --length 400 --seed 7
  qibu text own.onnx --stop "\\n" --count 5 --temperature 0.6
  qibu text own.onnx --start "Chapter 1" --save-state night.npz
  qibu text own.onnx --state night.npz --length 200
  qibu text own.onnx --score letter.txt
"""
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu text",
        description="Write text with a model that was trained on a text of your own "
        "(`qibu train text`), as it comes, or tell how strange it finds a text.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="MODEL", help="a file")
    _add_text(parser.add_argument_group("text"))
    _add_drawing(parser.add_argument_group("drawing"))
    state = parser.add_argument_group("state")
    state.add_argument(
        "--state", type=Path, metavar="NPZ", help="go on where a saved state stands, with --start"
    )
    state.add_argument(
        "--save-state", type=Path, metavar="NPZ", help="save the state after what was written"
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "--score",
        metavar="FILE",
        help="write nothing: give the bits per character of a text in UTF-8; - for stdin",
    )
    output.add_argument("--json", action="store_true", help="print one JSON object a text")
    parser.add_argument("--provider", default="cpu", help="cpu, cuda, …, or auto; default: cpu")
    return parser


def _add_text(group: Any) -> None:
    group.add_argument("--start", default="", metavar="TEXT", help="what the text begins with")
    group.add_argument(
        "--length",
        type=int,
        default=LENGTH,
        metavar="N",
        help="characters that are written after it, at most; default: %(default)s",
    )
    group.add_argument(
        "--stop",
        action="append",
        metavar="TEXT",
        help="end before this stands there (\\n for the end of a line); may be given several times",
    )
    group.add_argument("--allow", metavar="CHARACTERS", help="write these alone")
    group.add_argument("--ban", metavar="CHARACTERS", help="write none of these")
    group.add_argument(
        "--unknown",
        choices=("fail", "skip", "replace"),
        default="fail",
        help="what to do with a character that the model doesn't know; default: %(default)s",
    )


def _add_drawing(group: Any) -> None:
    default = Sampling()
    group.add_argument(
        "--seed", type=int, metavar="N", help="the same seed gives the same text; default: random"
    )
    group.add_argument(
        "--count", type=int, default=1, metavar="N", help="texts, of seeds one after another"
    )
    group.add_argument(
        "--temperature",
        type=float,
        default=default.temperature,
        metavar="T",
        help="below 1 safer, above 1 wilder; default: %(default)s",
    )
    group.add_argument(
        "--top-k",
        type=int,
        default=default.top_k,
        metavar="K",
        help="draw among the K likeliest characters, 0: all; default: %(default)s",
    )
    group.add_argument(
        "--top-p",
        type=float,
        default=default.top_p,
        metavar="P",
        help="of these among the likeliest that together have this probability; "
        "default: %(default)s",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu text`."""
    arguments = build_parser().parse_args(argv)
    _want_one_output(arguments)
    writer = load(arguments.model, provider=arguments.provider)
    if not isinstance(writer, Writer):
        raise of_another_kind(writer, arguments.model)
    state = None if arguments.state is None else State.load(arguments.state)
    if arguments.score is not None:
        return _score(writer, arguments, state)
    manner = Manner(
        length=arguments.length,
        stop=[_unescaped(stop) for stop in arguments.stop or ()],
        allow=arguments.allow,
        ban=arguments.ban,
        state=state,
        on_unknown=arguments.unknown,
    )
    seed = choose_seed(arguments.seed)
    sampling = Sampling(arguments.temperature, arguments.top_k, arguments.top_p)
    if arguments.json or arguments.count != 1:
        texts = writer.write_many(
            arguments.count, arguments.start, seed=seed, sampling=sampling, **manner
        )
        for text in texts:
            _show(text, arguments, writer.stepper.provider)
        return 0
    stream = writer.stream(arguments.start, seed=seed, sampling=sampling, **manner)
    for piece in stream:
        print(piece, end="", flush=True)
    print()
    print(f"--seed {seed} · {stream.ended} · {writer.stepper.provider}", file=sys.stderr)
    if arguments.save_state is not None:
        stream.state.save(arguments.save_state)
    return 0


def _want_one_output(arguments: argparse.Namespace) -> None:
    if arguments.save_state is not None and (
        arguments.json or arguments.count != 1 or arguments.score is not None
    ):
        raise InputError("--save-state goes with one text as it is printed: leave the rest")
    if arguments.save_state is not None and arguments.save_state.suffix != ".npz":
        raise InputError(f"a state is saved as .npz, got {str(arguments.save_state)!r}")
    if arguments.score is not None and arguments.start:
        raise InputError("--score writes nothing: leave --start, or begin with --state")


def _score(writer: Writer, arguments: argparse.Namespace, state: State | None) -> int:
    text = read_text(arguments.score)
    score = writer.score(
        text, state=state, on_unknown=arguments.unknown, progress=report_to("tokens")
    )
    if arguments.json:
        result = {
            "bits_per_character": score.bits_per_character,
            "bits_per_byte": score.bits_per_byte,
            "characters": len(score.text),
            "unknown": score.unknown,
            "bits": score.bits.round(4).tolist(),
            "model": str(arguments.model),
            "provider": writer.stepper.provider,
        }
        print(json.dumps(result, ensure_ascii=False))
    else:
        print(score)
    return 0


def _show(text: Writing, arguments: argparse.Namespace, provider: str) -> None:
    if not arguments.json:
        print(text)
        print(f"--seed {text.seed} · {text.ended} · {provider}", file=sys.stderr)
        return
    result = {
        "text": text.text,
        "start": arguments.start,
        "seed": text.seed,
        "characters": text.characters,
        "ended": text.ended,
        "bits_per_character": text.bits_per_character if text.characters else None,
        "model": str(arguments.model),
        "provider": provider,
    }
    print(json.dumps(result, ensure_ascii=False))


def _unescaped(text: str) -> str:
    return re.sub(r"\\([nt\\])", lambda match: ESCAPES[match[1]], text)
