"""Train the networks that Qibu exports. Needs PyTorch."""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ModuleNotFoundError(
        "qibu_train needs PyTorch: pip install 'qibu[train]'", name="torch"
    ) from error
