"""Writing a file or a folder whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the final name when the block ends well.

    If the block raises (a full disk, a failed check, Ctrl-C), the temporary file is removed and
    whatever stood under the final name before is still there.
    """
    import tempfile  # only for what writes: reading starts sooner without it

    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    # the suffix stays, since some writers (numpy, matplotlib) choose the format by it
    descriptor, name = tempfile.mkstemp(
        dir=final.parent, prefix=f".{final.stem}.", suffix=final.suffix
    )
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp's 0600 would hide the result from others
        temporary.replace(final)
    finally:
        with suppress(OSError):  # Windows keeps what is still open; what went wrong is to be told
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary folder beside `path`; it takes the final name when the block ends well.

    Raises:
        InputError: `path` is a file or a folder that holds something: nothing is overwritten.
    """
    import tempfile

    final = Path(path)
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        kind = "holds something already" if final.is_dir() else "is a file"
        raise InputError(f"{final} {kind}; name a new folder, or an empty one")
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=final.parent, prefix=f".{final.name}.", ignore_cleanup_errors=True
    ) as name:
        temporary = Path(name)
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o777 & ~umask)  # mkdtemp's 0700 would hide the result from others
        if final.exists():
            final.rmdir()
        temporary.rename(final)
