"""Turn networks into self-describing ONNX files. Needs PyTorch and onnx.

>>> from qibu_export import export_module
>>> export_module(model, "anomaly.onnx", inputs={"x": torch.zeros(1, 1, 12)}, outputs=["score"])
"""

from typing import TYPE_CHECKING, Any

try:
    import onnx  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "onnx":
        raise
    raise ModuleNotFoundError(
        "qibu_export needs onnx: pip install 'qibu[export]'", name="onnx"
    ) from error

from .core.registry import register_module, register_page_files, register_program

register_module("text", "qibu_export.text.application")
register_module("poem", "qibu_export.poems.application")
register_module("digits", "qibu_export.digits.application")
register_module("pictures", "qibu_export.digits.application")
register_program("poem", "qibu_export.poems.c_program")
register_program("text", "qibu_export.text.c_program")
register_program("digits", "qibu_export.digits.c_program")
register_page_files("poem", "qibu_export.poems.page_files")

if TYPE_CHECKING:
    from .module import ModuleVerification as ModuleVerification
    from .module import export_module as export_module

__all__ = ["ModuleVerification", "export_module"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'qibu_export' has no attribute {name!r}")
    from . import module  # read when it is wanted: it needs torch and onnxscript

    return getattr(module, name)
