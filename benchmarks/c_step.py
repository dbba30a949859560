"""How long does a step take in C, beside onnxruntime's own step?

`qibu export --c` of a GRU 12 → 64 with random weights and no metadata, and of the bundled digit
models, each built as a library that Python calls once for many steps; beside them
`InferenceSession.run` with nothing around it, and `run_with_iobinding` with all bound once. One
thread each. The C is built with `-O3` for any processor of this kind.
"""

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from peers_onnx import bound_runs, first_feeds, open_plainly
from qibu.core.arrays import Array
from qibu.loading import MODELS
from qibu_export.targets.c import c_source
from qibu_export.targets.stepping import Stepping
from report import report
from timing import Contestant, interleave, of_call

INPUTS, HIDDEN, STEPS, ROUNDS, SEED = 12, 64, 100, 40, 0
LOOP = """#include "qibu.h"
void many(int steps) {{
    static qibu_state s[2];
    static float in[{inputs}], out[{outputs}];
    for (int i = 0; i < {inputs}; i++) in[i] = (float)i / {inputs};
    qibu_initial_state(&s[0]);
    for (int i = 0; i < steps; i++) qibu_step(&s[i % 2], &s[(i + 1) % 2], in, out);
}}
"""


def write_gru(path: Path) -> Path:
    """Write a GRU with a linear layer behind it, as an exporter of a stranger's would."""
    chance = np.random.default_rng(SEED)

    def weight(*shape: int) -> Array:
        return chance.uniform(-0.3, 0.3, shape).astype(np.float32)

    constants = {
        "W": weight(1, 3 * HIDDEN, INPUTS),
        "R": weight(1, 3 * HIDDEN, HIDDEN),
        "B": weight(1, 6 * HIDDEN),
        "head": weight(HIDDEN, 1),
        "one": np.array([1]),
    }
    nodes = [
        helper.make_node("Transpose", ["x"], ["by_time"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU",
            ["by_time", "W", "R", "B", "", "h0"],
            ["y", "hn"],
            hidden_size=HIDDEN,
            linear_before_reset=1,
        ),
        helper.make_node("Squeeze", ["y", "one"], ["squeezed"]),
        helper.make_node("Transpose", ["squeezed"], ["by_batch"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["by_batch", "head"], ["score"]),
    ]
    value, kind = helper.make_tensor_value_info, TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "gru",
        [value("x", kind, ["batch", "time", INPUTS]), value("h0", kind, [1, "batch", HIDDEN])],
        [value("score", kind, ["batch", "time", 1]), value("hn", kind, [1, "batch", HIDDEN])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def in_c(model: Path, folder: Path, inputs: int, outputs: int) -> Callable[[], None]:
    """Export a model, build its step with a loop around it, and give the loop."""
    states = {"h0": "hn"} if model.stem == "gru" else None
    c_source.write(model, folder, Stepping(states))
    (folder / "many.c").write_text(LOOP.format(inputs=inputs, outputs=outputs), "utf-8")
    sources = [str(folder / f"{name}.c") for name in ("many", "qibu", "graph", "graph_data")]
    library = folder / "many.so"
    command = ["cc", "-std=c99", "-O3", "-shared", "-fPIC", "-o", str(library), *sources, "-lm"]
    subprocess.run(command, check=True)
    loaded = ctypes.CDLL(str(library))
    if loaded.qibu_load(str(folder / "graph.bin").encode()):
        sys.exit(f"{folder} doesn't load its weights")
    return lambda: loaded.many(STEPS)


def by_run(model: Path) -> Callable[[], None]:
    """Give `session.run` again and again, and nothing else."""
    session = open_plainly(model)
    feeds = first_feeds(session)

    def run() -> None:
        for _ in range(STEPS):
            session.run(None, feeds)

    return run


def main() -> None:
    if shutil.which("cc") is None:
        sys.exit("needs a C compiler (Debian: gcc)")
    with TemporaryDirectory() as name:
        models: Mapping[str, tuple[Path, int, int]] = {
            f"GRU {INPUTS} → {HIDDEN}": (write_gru(Path(name) / "gru.onnx"), INPUTS, 1),
            "digits, int8": (MODELS / "digits.onnx", 28, 10),
            "digits, float32": (MODELS / "float" / "digits.onnx", 28, 10),
        }
        contestants: dict[str, Contestant] = {}
        for label, (model, inputs, outputs) in models.items():
            contestants |= {
                f"{label}: C": of_call(in_c(model, Path(name) / label, inputs, outputs), STEPS),
                f"{label}: run": of_call(by_run(model), STEPS),
                f"{label}: bound run": of_call(bound_runs(model, STEPS), STEPS),
            }
        times = interleave(contestants, ROUNDS)
    report(
        __file__,
        ("step", "median µs", "quartiles", "÷ onnxruntime's run"),
        [times.row(name, f"{name.partition(':')[0]}: run") for name in contestants],
        settings={"threads": 1, "batch": 1, "rounds": ROUNDS, "seed": SEED},
        figures={
            f"{label}, C ÷ {kind}": times.ratio(f"{label}: C", f"{label}: {kind}")
            for label in models
            for kind in ("run", "bound run")
        },
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
