"""Turn trained networks into self-describing ONNX files. Needs PyTorch and onnx."""

try:
    import onnx  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "onnx":
        raise
    raise ModuleNotFoundError(
        "qibu_export needs onnx: pip install 'qibu[export]'", name="onnx"
    ) from error

from .core.registry import register_module

register_module("poem", "qibu_export.poems.application")
register_module("digits", "qibu_export.digits.application")
