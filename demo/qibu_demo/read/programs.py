"""What programs can ask of a page for a model that reads pictures."""

from collections.abc import Iterator, Sequence
from typing import Any

import qibu

from ..page.error_messages import errors_as_messages
from ..page.face import Program
from .logic import ink_of, read_rows


def programs(reader: qibu.Reader) -> Sequence[Program]:
    """Give the functions, with how many of each may run at once."""

    def read_picture(picture: str) -> Iterator[dict[str, Any]]:
        """Say which of its classes a picture shows, streaming the probabilities with each row.

        Args:
            picture: a PNG or JPEG of any size as base64 or as a data: URL.
        """
        with errors_as_messages(in_page=False):
            yield from answers(picture, reader)

    return ((read_picture, 4),)


def answers(picture: str, reader: qibu.Reader) -> Iterator[dict[str, Any]]:
    """Give what a model thinks after each row of a picture.

    Raises:
        InputError: it is no picture that can be read.
    """
    for row, progress in read_rows(ink_of(picture, reader.pictures), {"": reader}):
        for one in progress:
            chances = [round(float(chance), 6) for chance in one.rows[-1]]
            yield {
                "row": row,
                "label": one.label,
                "index": one.index,
                "probabilities": dict(zip(one.labels, chances, strict=True)),
                "sure_from_row": one.early.row if one.early else None,
            }
