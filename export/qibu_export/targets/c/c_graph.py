"""The generator that turns a graph of fixed sizes into C, emx-onnx-cgen, behind one function."""

from pathlib import Path

import onnx
from emx_onnx_cgen import CodegenError, ShapeInferenceError, UnsupportedOpError
from emx_onnx_cgen.compiler import Compiler, CompilerOptions
from onnx import numpy_helper

from qibu.core.errors import ModelFileError

from .c_memory import share_memory

NAME = "qibu_graph"


def write_graph(step: onnx.ModelProto, folder: Path, inline: int) -> tuple[bytes | None, int]:
    """Write the C of a graph.

    Args:
        step: every size known.
        folder: gets the files.
        inline: weights of more bytes lie apart, in `graph.bin`; fewer become arrays.

    Returns:
        What `graph.bin` holds, None where there is none; and the bytes of a step's working memory.

    Raises:
        ModelFileError: the graph has an operator that the generator doesn't know.
    """
    apart = sum(numpy_helper.to_array(c).nbytes for c in step.graph.initializer) > inline
    options = CompilerOptions(
        model_name=NAME,
        large_temp_threshold_bytes=0,  # nothing from the heap: a small device may have none
        large_weight_threshold=1 if apart else 0,
    )
    try:
        source, data, weights = Compiler(options).compile_with_data_file_and_weight_data(step)
    except (UnsupportedOpError, CodegenError, ShapeInferenceError) as error:
        operators = sorted({node.op_type for node in step.graph.node})
        raise ModelFileError(
            f"no C can be made of this graph: {error}; its operators are {', '.join(operators)}"
        ) from error
    source, working_bytes = share_memory(source)
    (folder / "graph.c").write_text(source, "utf-8")
    (folder / "graph_data.c").write_text(data, "utf-8")
    if weights:
        (folder / "graph.bin").write_bytes(weights)
    return weights or None, working_bytes
