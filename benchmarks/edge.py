"""How long does a step take in C, beside Python's?

The bundled models by `qibu export --c`, built as a library that Python calls once for many steps,
so that the call costs nothing; `DigitReader.rows` and `Poet.stream` beside it, everything included.
Both on one thread. The C is built for any x86-64 or 64-bit ARM, and for this processor.
"""

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import qibu
from qibu.cli.main import main as run_qibu
from report import report
from timing import Contestant, interleave, of_call, of_poem

ROUNDS, STEPS = 30, 28
BUILDS: Mapping[str, list[str]] = {"any processor": [], "this processor": ["-march=native"]}
LOOPS = {
    "digits": """#include "qibu.h"
void many(int steps) {
    static qibu_state s[2]; static float row[QIBU_ROW_SIZE], p[QIBU_DIGITS];
    qibu_initial_state(&s[0]);
    for (int i = 0; i < steps; i++) qibu_step(&s[i % 2], &s[(i + 1) % 2], row, p);
}""",
    "poem": """#include "sampler.h"
void many(int steps) {
    static qibu_state s[2]; static float logits[QIBU_VOCABULARY_SIZE], bias[QIBU_VOCABULARY_SIZE];
    static qibu_workspace w; int32_t token = QIBU_POEM; qibu_random random = qibu_seed(1);
    qibu_sampling sampling = {QIBU_TEMPERATURE, QIBU_TOP_K, QIBU_TOP_P};
    qibu_initial_state(&s[0]);
    for (int i = 0; i < steps; i++) {
        qibu_step(&s[i % 2], &s[(i + 1) % 2], token, logits);
        qibu_draw(logits, bias, sampling, qibu_uniform(&random), &w, &token);
    }
}""",
}


def build(model: str, folder: Path, options: list[str]) -> Callable[[int], None]:
    """Compile a model's C with a loop around its step, and give the loop."""
    (folder / "many.c").write_text(LOOPS[model], "utf-8")
    names = ("many", "qibu", "sampler", "graph", "graph_data")
    sources = [str(folder / f"{name}.c") for name in names if (folder / f"{name}.c").exists()]
    library = folder / f"many{len(options)}.so"
    command = ["cc", "-std=c99", "-O3", *options, "-shared", "-fPIC", "-o", str(library), *sources]
    subprocess.run([*command, "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))
    if loaded.qibu_load(str(folder / "graph.bin").encode()):
        sys.exit(f"{folder} doesn't load its weights")
    many: Callable[[int], None] = loaded.many
    return many


def main() -> None:
    if shutil.which("cc") is None:
        sys.exit("needs a C compiler (Debian: gcc)")
    reader, poet = qibu.load("digits"), qibu.load("poem")
    picture = np.zeros((STEPS, 28), np.float32)
    contestants: dict[str, Contestant] = {
        "digits, Python": of_call(lambda: list(reader.rows(picture)), STEPS),
        "poem, Python": of_poem(lambda: poet.stream("七絕", seed=1), STEPS - 1),
    }
    with TemporaryDirectory() as name:
        for model in LOOPS:
            folder = Path(name) / model
            if run_qibu(["export", model, "--c", str(folder)]):
                sys.exit(1)
            for built_for, options in BUILDS.items():
                many = build(model, folder, options)
                label = f"{model}, C for {built_for}"
                contestants[label] = of_call(lambda many=many: many(STEPS), STEPS)  # type: ignore[misc]
        times = interleave(contestants, ROUNDS)
    table = [
        times.row(label, label.partition(",")[0] + ", Python") for label in sorted(contestants)
    ]
    report(
        __file__,
        ("step", "median µs", "quartiles", "÷ Python"),
        table,
        settings={"threads": 1, "batch": 1, "models": "bundled, int8", "rounds": ROUNDS},
        figures={
            f"{model}, C ÷ Python": times.ratio(
                f"{model}, C for this processor", f"{model}, Python"
            )
            for model in LOOPS
        },
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
