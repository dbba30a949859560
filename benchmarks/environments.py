"""Python environments of their own for packages that can't stand beside onnxruntime or torch.

    python benchmarks/environments.py openvino-provider    # prints its interpreter

They are made once, under `.venv/`, so that `make clean` takes them along.
"""

import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {
    "openvino": ("openvino>=2025.0", "numpy"),
    # a build of onnxruntime, so it takes the place of the usual one
    "openvino-provider": ("onnxruntime-openvino>=1.24", "numpy"),
    # what has to be installed to write a poem, for its size on disk
    "qibu-only": ("numpy", "onnxruntime"),
    "torch-only": ("torch", "numpy"),
}


class NotInstallable(Exception):
    """The registry lacks a package, or can't be reached."""


def interpreter(name: str) -> Path:
    """Give the interpreter of an environment, made when it isn't there yet.

    Raises:
        NotInstallable: says in one line what pip said.
    """
    folder = ROOT / ".venv" / "environments" / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    finished = folder / "finished"
    if finished.is_file():
        return python
    venv.create(folder, with_pip=True, clear=True)
    constraints = ROOT / "constraints.txt"
    command: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    command += ["--constraint", constraints, *ENVIRONMENTS[name]]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if result.returncode != 0:
        lines = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        raise NotInstallable((lines or ["pip failed"])[-1])
    finished.touch()
    return python


def main() -> int:
    try:
        print(interpreter(sys.argv[1]))
    except NotInstallable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
