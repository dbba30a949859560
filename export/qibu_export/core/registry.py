"""Which applications have networks to export: names alone, so that a model file needs no torch."""

MODULES: dict[str, str] = {}  # of training's task names, read when a network is first exported


def register_module(task: str, module: str) -> None:
    """Name the module whose `KIND` says how networks of a training task become files."""
    MODULES[task] = module
