"""Which tasks have applications: names alone, so that `import qibu` reads nothing else."""

# by task: `Application`s, or the modules that have them; of several the first that takes a file
KNOWN: dict[str, list[object]] = {}


def register_module(task: str, module: str) -> None:
    """Name a module whose `APPLICATION` is for a task, to be read when it is first asked for.

    Of several for one task, each takes its own kind of files; the first named is asked first.
    """
    known = KNOWN.setdefault(task, [])
    if module not in known:
        known.append(module)
