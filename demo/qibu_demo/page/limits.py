"""What the page takes from outside, at most."""

from collections.abc import Mapping
from math import isfinite

from qibu.core.errors import InputError

TEXT = 200  # characters in a text field
CHECKED_TEXT = 2_000  # characters of a poem that is only checked
UPLOAD = "40mb"  # the largest file; the bundled models have under 12
PICTURE_BYTES = 25_000_000
PICTURE_PIXELS = 25_000_000  # decoded it takes 14 bytes a pixel
STATE_BYTES = 4_000_000  # of a saved state, unpacked
MOMENTS = 96  # states that one visitor may keep
CANDIDATES = 16  # best of so many poems
AT_ONCE = 40  # poems written at the same time; more wait
WAITING = 200  # visitors in the queue; more are told so
VISITORS = 200  # whose states are kept at most; the longest away is forgotten first
LONGEST_TEXT = 5_000  # characters of a text that is written
STEPS = 5_000  # of a recording that is stepped over
CSV_BYTES = 5_000_000
ANSWERED_VALUES = 500_000  # of the outputs that a program is given at once
SEEDS = 2**53  # what a browser's number holds

RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0.1, 2.0),
    "top_p": (0.05, 1.0),
    "best_of": (1, CANDIDATES),
    "seed": (0, SEEDS - 1),
    "length": (1, LONGEST_TEXT),
}


def check_number(name: str, value: float | None) -> float:
    """Give the value back if it lies in its range.

    Raises:
        InputError: it is missing, no number, or outside; names the range.
    """
    low, high = RANGES[name]
    fits = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if value is None or not fits or not low <= value <= high:
        raise InputError(f"{name} must be {low:g}..{high:.16g}, got {value!r}")
    return value


def check_text(name: str, value: str | None, longest: int = TEXT) -> str:
    """Give the text without white space at its ends.

    Raises:
        InputError: it is no text, or longer than the page reads.
    """
    if not isinstance(value, str | None):
        raise InputError(f"{name} must be text, got {type(value).__name__}")
    text = (value or "").strip()
    if len(text) > longest:
        raise InputError(f"{name} has {len(text)} characters, at most {longest} are read")
    return text
