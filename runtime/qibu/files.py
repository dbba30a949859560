"""Writing a file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
        temporary.unlink(missing_ok=True)
