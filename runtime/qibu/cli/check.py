"""`qibu check`: judge a poem by the rules of its form."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from qibu.core.errors import InputError
from qibu.verse.forms import FORMS
from qibu.verse.report import check


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="qibu check",
        description="Say what a poem is, regulated (近體) or old style (古體), and what it breaks: "
        "lines, rhyme by 平水韻 (出韻 重韻), tones (拗 失對 失粘 孤平 三平尾), and what saves them "
        "(本句自救 對句相救). Simplified or traditional, with or without punctuation; "
        "a title in 《》 is passed over.",
        epilog="Exit status: 0 every rule kept, 1 a rule broken, 2 input that can't be judged.",
    )
    parser.add_argument(
        "poem", metavar="FILE|TEXT", help="a UTF-8 file, the poem itself, or - for standard input"
    )
    parser.add_argument(
        "--form",
        metavar="FORM",
        help=f"{' '.join(FORMS)}; default: what lines, rhyme and tones say",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def read_poem(argument: str) -> str:
    """Give the text of a file, of standard input (-), or the argument itself.

    Raises:
        InputError: the file is not there, can't be read or isn't UTF-8.
    """
    if argument == "-":
        return _decode(sys.stdin.buffer.read(), "standard input")
    # unlike Path.exists, this bears a poem too long for the name of a file
    if os.path.exists(argument):
        try:
            return _decode(Path(argument).read_bytes(), argument)
        except OSError as error:
            raise InputError(f"{argument} can't be read: {error.strerror}") from error
    if argument.isascii() and argument.strip():
        raise InputError(f"{argument!r} is neither a file nor Chinese text; give one of them")
    return argument


def _decode(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not UTF-8 (byte {error.start} is {content[error.start]:#04x}); "
            f"convert it, for example: iconv -f GB18030 -t UTF-8 {source}"
        ) from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run `qibu check`."""
    arguments = build_parser().parse_args(argv)
    report = check(read_poem(arguments.poem), arguments.form)
    if arguments.json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        print(report)
    return 0 if report.passed else 1
