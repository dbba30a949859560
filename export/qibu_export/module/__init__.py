"""Any torch module as one stateful ONNX file."""

try:
    import onnxscript  # noqa: F401 - torch's exporter to ONNX is written in it
except ModuleNotFoundError as error:
    if error.name != "onnxscript":
        raise
    raise ModuleNotFoundError(
        "export_module needs onnxscript: pip install 'qibu[export]'", name="onnxscript"
    ) from error

from .description import module_spec
from .equality import ModuleVerification
from .export import export_module

__all__ = ["ModuleVerification", "export_module", "module_spec"]
