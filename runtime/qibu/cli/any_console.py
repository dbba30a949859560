"""Printing where the console's encoding lacks a character: no traceback, and JSON stays JSON."""

import codecs
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

HANDLER = "qibu-json-escape"
MEND = "set PYTHONUTF8=1 (or PYTHONIOENCODING=utf-8, where that is set)"


@contextmanager
def any_console() -> Iterator[None]:
    r"""Write what stdout can't show as JSON would, \uXXXX, and tell of it once on stderr."""
    stdout = sys.stdout
    if not isinstance(stdout, io.TextIOWrapper):  # a notebook's own, or none at all
        yield
        return
    before, lacking = stdout.errors, [False]

    def escaped(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        lacking[0] = True
        found = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
        units = (found[place : place + 4] for place in range(0, len(found), 4))
        return "".join(f"\\u{unit}" for unit in units), error.end

    codecs.register_error(HANDLER, escaped)
    stdout.reconfigure(errors=HANDLER)
    try:
        yield
    finally:
        with suppress(OSError, ValueError):  # nobody reads any more
            stdout.reconfigure(errors=before)
        if lacking[0] and not _is_utf_8(stdout.encoding):
            _tell(f"{stdout.encoding} lacks characters, which are printed as \\uXXXX: {MEND}")


def is_misread(arguments: Sequence[str]) -> bool:
    """Say whether Python kept bytes of the command line, for want of characters in its encoding."""
    return not _is_utf_8(sys.getfilesystemencoding()) and any(map(_is_unread, arguments))


def read_anew(arguments: Sequence[str]) -> list[str]:
    """Read as UTF-8 what the locale's encoding has no characters for, but the names of files."""
    return [
        os.fsencode(argument).decode("utf-8", "surrogateescape")
        if _is_unread(argument) and not os.path.exists(argument)
        else argument
        for argument in arguments
    ]


def tell_misread() -> None:
    """Say on stderr why the names of files may not be found."""
    _tell(
        f"the command line is in UTF-8, this locale's encoding is "
        f"{sys.getfilesystemencoding()}: {MEND}"
    )


def unwritable(error: UnicodeEncodeError) -> str:
    """Say why a name or text can't be passed on to the operating system."""
    part = ascii(error.object[error.start : error.end])
    return f"{part} can't be written in this locale's encoding, {error.encoding}: {MEND}"


def is_closed_pipe(error: OSError) -> bool:
    """Say whether an error means that nobody reads what is printed any more."""
    # Windows names no other reason than an invalid argument, and no file
    windows = sys.platform == "win32" and error.errno == 22 and error.filename is None
    return isinstance(error, BrokenPipeError) or windows


def silence() -> None:
    """Print the rest nowhere, lest Python complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_utf_8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def _is_unread(argument: str) -> bool:
    return any(0xDC80 <= ord(character) <= 0xDCFF for character in argument)


def _tell(line: str) -> None:
    print(f"qibu: {line}", file=sys.stderr)
