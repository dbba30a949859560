"""Any torch module as one stateful ONNX file."""

from .description import describe
from .equality import ModuleVerification
from .export import export_module

__all__ = ["ModuleVerification", "describe", "export_module"]
