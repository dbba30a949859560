"""The generator that turns a graph of fixed sizes into C, emx-onnx-cgen, behind one function.

Its templates for products are overlaid by those of the folder `kernels`.
"""

import re
from pathlib import Path
from shutil import copyfile, copytree
from tempfile import TemporaryDirectory

import emx_onnx_cgen
import onnx
from emx_onnx_cgen.compiler import Compiler, CompilerOptions
from onnx import numpy_helper

from qibu.core.errors import ModelFileError

from .c_memory import share_memory
from .names import in_comment

NAME = "qibu_graph"
KERNELS = Path(__file__).parent / "kernels"
TEMPLATES = Path(emx_onnx_cgen.__file__).parent / "templates"


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
    try:
        with TemporaryDirectory() as name:
            options = CompilerOptions(
                template_dir=_templates(Path(name)),
                model_name=NAME,
                large_temp_threshold_bytes=0,  # nothing from the heap: a small device has none
                large_weight_threshold=1 if apart else 0,
            )
            compiler = Compiler(options)
            made = compiler.compile_with_data_file_and_weight_data(_without_words(step))
    except Exception as error:  # whatever a generator stumbles over in a stranger's graph
        raise ModelFileError(f"no C can be made of {_told(error, step)}") from error
    source, data, weights = made
    if not step.graph.initializer:
        data += "\ntypedef int qibu_no_weights; /* ISO C wants a declaration in every file */\n"
    if re.search(r"\b(malloc|calloc|alloca)\b", source):
        raise ModelFileError(
            "no C can be made of this graph: its step would take memory from the heap; "
            f"its operators are {_operators(step)}"
        )
    source, working_bytes = share_memory(source)
    source = source.replace(
        "#include <stdint.h>\n", '#include <stdint.h>\n#include "kernels.h"\n', 1
    )
    (folder / "graph.c").write_text(source, "utf-8")
    (folder / "graph_data.c").write_text(data, "utf-8")
    if weights:
        (folder / "graph.bin").write_bytes(weights)
    return weights or None, working_bytes


def _templates(folder: Path) -> Path:
    """Lay out the generator's templates with ours over them, theirs beside as `original`."""
    copytree(TEMPLATES, folder, dirs_exist_ok=True)
    (folder / "original").mkdir()
    for kernel in KERNELS.iterdir():
        copyfile(TEMPLATES / kernel.name, folder / "original" / kernel.name)
        copyfile(kernel, folder / kernel.name)
    return folder


def _told(error: Exception, step: onnx.ModelProto) -> str:
    """Say which operator it is, as far as the generator's words tell."""
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    reason, _, place = words.partition(" (while lowering ")
    node = re.search(r"op_type=(\w+), name=([^,]*)", place)
    if node:
        return f"operator {node[1]} ({node[2]!r}): {reason}"
    return f"this graph: {reason}; its operators are {_operators(step)}"


def _operators(step: onnx.ModelProto) -> str:
    return ", ".join(sorted({node.op_type for node in step.graph.node}))


def _without_words(step: onnx.ModelProto) -> onnx.ModelProto:
    """Leave nothing of a file's own words that could end a comment in C."""
    plain = onnx.ModelProto()
    plain.CopyFrom(step)
    plain.ClearField("doc_string")
    plain.graph.ClearField("doc_string")
    plain.graph.name = in_comment(plain.graph.name)
    plain.producer_name = in_comment(plain.producer_name)
    plain.producer_version = in_comment(plain.producer_version)
    for node in plain.graph.node:
        node.ClearField("doc_string")
        node.name = in_comment(node.name)
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                names[place] = in_comment(name)
    graph = plain.graph
    for named in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        named.name = in_comment(named.name)
    return plain
