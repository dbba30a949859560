"""onnxruntime computes what hangs on constants alone, branches that are decided included.

Also a program, `python fold.py FROM TO`: on graphs with branches onnxruntime has been seen to end
the process, which a process of its own survives.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import onnxruntime as ort

from qibu.core.errors import ModelFileError

CONTROL = {"If", "Loop", "Scan"}
REFUSED = 1  # the exit code, that of an exception too


def folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give the graph with its constants folded.

    Raises:
        ModelFileError: onnxruntime can't.
    """
    apart = any(node.op_type in CONTROL for node in model.graph.node)
    with TemporaryDirectory() as name:
        source, target = Path(name) / "graph.onnx", Path(name) / "folded.onnx"
        onnx.save(model, source)
        told = _fold_apart(source, target) if apart else _fold_here(source, target)
        if told is not None:
            raise ModelFileError(
                f"no C can be made of this graph with batch and time fixed to 1: {told}"
            )
        return onnx.load(target)


def _fold_apart(source: Path, target: Path) -> str | None:
    command = [sys.executable, "-X", "utf8", __file__, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in (0, REFUSED):  # a signal's number, or Windows's own
        return "onnxruntime crashes while it decides the branches"
    return done.stdout.strip() or done.stderr.strip() if done.returncode else None


def _fold_here(source: Path, target: Path) -> str | None:
    """Fold a file into another; give what went wrong."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 4
    options.optimized_model_filepath = str(target)
    try:
        ort.InferenceSession(
            str(source),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["QDQPropagationTransformer"],  # it adds nodes for others to fuse
        )
    except Exception as error:  # onnxruntime's exceptions have no common class of their own
        return str(error)
    return None


if __name__ == "__main__":
    trouble = _fold_here(Path(sys.argv[1]), Path(sys.argv[2]))
    if trouble is not None:
        print(trouble)
        sys.exit(REFUSED)
