"""The packages that the module in JavaScript is run and checked with."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

WEB = Path(__file__).parents[2] / "runtime" / "web"


@cache
def installed() -> Path:
    """Install what package.json names, unless it is there, and give the folder.

    Raises:
        FileNotFoundError: they can't be had on this machine.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise FileNotFoundError("node and npm aren't installed")
    wanted = json.loads((WEB / "package.json").read_text("utf-8"))["devDependencies"]
    folder = WEB / "node_modules"
    if any(_version(folder / name) != version for name, version in wanted.items()):
        command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
        run = subprocess.run(command, cwd=WEB, capture_output=True, check=False)
        if run.returncode != 0:
            raise FileNotFoundError("npm can't install what runtime/web/package.json names")
    return folder


def _version(package: Path) -> str | None:
    file = package / "package.json"
    return str(json.loads(file.read_text("utf-8"))["version"]) if file.is_file() else None
