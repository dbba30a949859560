"""The reference of the packages, made of their docstrings: `make docs`, then build/docs/index.html.

python tools/make_reference.py [FOLDER]
"""

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pdoc
from pdoc.render import configure

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "docs"
FACES = ("qibu", "qibu_export", "qibu_train")
# the command line says by --help what it takes
COMMANDS = re.compile(r"\.(cli|__main__|\w*command)$")


def modules() -> list[str]:
    """Name the packages and what lies in them; pdoc goes on into folders."""
    found = [
        module.name
        for face in map(import_module, FACES)
        for module in iter_modules(face.__path__, f"{face.__name__}.")
    ]
    return [*FACES, *(name for name in found if not COMMANDS.search(name))]


def main(arguments: Sequence[str]) -> None:
    """Write the pages, one a module."""
    folder = Path(arguments[0]) if arguments else FOLDER
    for face in map(import_module, FACES):
        for name in getattr(face, "__all__", ()):
            setattr(face, name, getattr(face, name))  # read when first used, and pdoc only looks
    configure(docformat="google", footer_text=f"qibu {import_module('qibu').__version__}")
    pdoc.pdoc(*modules(), output_directory=folder)
    print(f"wrote {folder}: open {folder / 'index.html'}")


if __name__ == "__main__":
    main(sys.argv[1:])
