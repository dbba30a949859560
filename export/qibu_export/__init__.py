"""Turn trained networks into self-describing ONNX files. Needs PyTorch and onnx."""

try:
    import onnx  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "onnx":
        raise
    raise ModuleNotFoundError(
        "qibu_export needs onnx: pip install 'qibu[export]'", name="onnx"
    ) from error
