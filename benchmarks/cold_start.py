"""How long until the first character, what memory at most, and how much to install?

`qibu poem --stream` and a plain torch script with the same weights, each a new process in an
environment that holds nothing else, in turns, with its files in the page cache: from the start of
the process to the first character that comes out of it, and its peak memory at the end. Beside them
the parts that nothing can be quicker than: Python alone, and with its imports.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from environments import ROOT, NotInstallable, interpreter
from qibu.bundled import model_path
from qibu.text.vocabulary import Vocabulary
from qibu.verse.prompt import POEM, form_token
from report import report
from weights import bundled_network, spec_of

ROUNDS, WARM_UP = 12, 2
QIBU, TORCH = "`qibu poem`", "torch script"
PACKAGES = ("runtime/qibu", "train/qibu_train", "export/qibu_export", "demo/qibu_demo")


def first_character(command: Sequence[str | Path]) -> tuple[float, float]:
    """Run a program to its end; give milliseconds to its first character, and its peak in MB."""
    launch = [sys.executable, ROOT / "benchmarks" / "launch.py", *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "runtime")}
    result = subprocess.run(
        launch, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if result.returncode != 0:
        sys.exit(f"{command} ended with exit code {result.returncode}")
    time_ms, memory_mb = map(float, result.stdout.split())
    return time_ms, memory_mb


def installed(python: Path, *own: Path) -> float:
    """Add up what lies in an environment's site-packages but pip, and in folders, in MB."""
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python, "-c", query], encoding="utf-8").strip())
    tools = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth")
    folders = [path for path in packages.iterdir() if not path.name.startswith(tools)]
    files = (
        file
        for folder in (*folders, *own)
        for file in (folder.rglob("*") if folder.is_dir() else [folder])
    )
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def commands(folder: Path, lean: Path, torch_python: Path) -> Mapping[str, list[str | Path]]:
    """Give the programs that take turns."""
    vocabulary = Vocabulary.from_json(spec_of(model_path("poem")).part["vocabulary"])
    tokens = [vocabulary.token(number) for number in range(len(vocabulary))]
    (folder / "vocabulary.json").write_text(json.dumps(tokens), "utf-8")
    torch.save(bundled_network().state_dict(), folder / "weights.pt")
    script = [ROOT / "benchmarks" / "torch_poem.py", folder / "weights.pt"]
    prompt = [form_token("七絕"), POEM]

    def imports(*names: str) -> list[str | Path]:
        lines = [*(f"import {name}" for name in names), "print('春')"]
        return [torch_python if "torch" in names else lean, "-c", "\n".join(lines)]

    return {
        QIBU: [lean, "-m", "qibu", "poem", "--stream", "--seed", "1"],
        TORCH: [torch_python, *script, folder / "vocabulary.json", *prompt],
        "Python alone": imports(),
        "`import numpy, onnxruntime`": imports("numpy", "onnxruntime"),
        "`import torch`": imports("torch"),
    }


def main() -> None:
    try:
        lean, torch_python = interpreter("qibu-only"), interpreter("torch-only")
    except NotInstallable as error:
        sys.exit(f"the environments to measure can't be made: {error}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = commands(folder, lean, torch_python)
        runs: dict[str, list[tuple[float, float]]] = {label: [] for label in programs}
        for number in range(WARM_UP + ROUNDS):
            for label, command in programs.items():
                run = first_character(command)
                if number >= WARM_UP:
                    runs[label].append(run)
        own = [ROOT / path for path in PACKAGES]
        sizes = {
            QIBU: installed(lean, *own),
            TORCH: installed(torch_python, folder / "weights.pt", folder / "vocabulary.json"),
        }
    rows = []
    for label, measured in runs.items():
        times, memory = zip(*measured, strict=True)
        first, _, third = statistics.quantiles(times, n=4, method="inclusive")
        rows.append(
            (
                label,
                f"{statistics.median(times):.0f}",
                f"{first:.0f}–{third:.0f}",
                f"{statistics.median(memory):.0f}",
                f"{sizes[label]:.0f}" if label in sizes else "",
            )
        )
    pairs = zip(runs[TORCH], runs[QIBU], strict=True)
    report(
        __file__,
        ("program", "ms to the first character", "quartiles", "peak MB", "MB on disk"),
        rows,
        settings={"threads": 1, "rounds": ROUNDS, "page cache": "warm"},
        figures={
            "torch script ÷ `qibu poem`, first character": statistics.median(
                slow[0] / quick[0] for slow, quick in pairs
            ),
            "peak memory of `qibu poem`, MB": max(memory for _, memory in runs[QIBU]),
            "on disk, torch ÷ qibu": sizes[TORCH] / sizes[QIBU],
        },
        raw={
            f"{label}, {unit}": [run[part] for run in measured]
            for label, measured in runs.items()
            for part, unit in enumerate(("ms", "MB"))
        },
    )


if __name__ == "__main__":
    main()
