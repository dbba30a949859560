"""Which tasks have an application: names alone, so that `import qibu` reads nothing else."""

KNOWN: dict[str, object] = {}  # by task: an `Application`, or the module that has it


def register_module(task: str, module: str) -> None:
    """Name the module whose `APPLICATION` a task is, to be read when it is first asked for."""
    KNOWN.setdefault(task, module)
