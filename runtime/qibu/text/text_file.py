"""Reading a text from a file or from stdin."""

import sys
from pathlib import Path

from ..core.errors import InputError


def read_text(source: str | Path) -> str:
    """Read UTF-8, with the ends of lines as they stand.

    Args:
        source: a file, or "-" for stdin.

    Raises:
        InputError: it can't be read, is empty, or isn't UTF-8: names the byte and its line.
    """
    name = "stdin" if str(source) == "-" else str(source)
    try:
        data = sys.stdin.buffer.read() if name == "stdin" else Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"{name} can't be read: {error.strerror or error}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{name} is no UTF-8: byte {error.start + 1}, on line {line}, is "
            f"0x{data[error.start]:02X}; save it as UTF-8 (iconv -f ENCODING -t UTF-8)"
        ) from error
    if not text:
        raise InputError(f"{name} is empty; give a text of one character at least")
    return text
