"""What programs can ask of a page for a model of any text."""

from collections.abc import Iterator, Sequence

import qibu

from ..page.error_messages import errors_as_messages
from ..page.face import Program
from ..page.limits import AT_ONCE
from .logic import TextWish, begin, in_parts


def programs(writer: qibu.Writer) -> Sequence[Program]:
    """Give the functions, with how many of each may run at once."""

    def write(
        start: str = "",
        length: int = 400,
        temperature: float = 0.8,
        top_p: float = 0.9,
        seed: int = 7,
        stop: str = "",
    ) -> Iterator[str]:
        r"""Write a text with the model, streaming the text so far with every few characters.

        Args:
            start: what it begins with, in characters that the model knows.
            length: 1 to 5000 characters are written after that; the model may end before.
            temperature: 0.1 to 2; lower is safer, higher is wilder.
            top_p: 0.05 to 1; draw among the likeliest that together have this probability.
            seed: the same seed gives the same text.
            stop: a text before which it ends, such as \n for the end of a line; empty for none.
        """
        with errors_as_messages(in_page=False):
            text = ""
            for part in in_parts(
                begin(writer, TextWish(start, length, temperature, top_p, seed, stop))
            ):
                text += part
                yield text

    return ((write, AT_ONCE),)
