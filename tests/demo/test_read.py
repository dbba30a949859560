import base64
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

import qibu
from qibu.core.errors import InputError
from qibu.pictures.picture_format import MNIST
from qibu_demo.page.bundled import readers, the_reader
from qibu_demo.page.charts import reading
from qibu_demo.page.limits import PICTURE_BYTES
from qibu_demo.read.logic import Early, Progress, ink_of, read_rows

THREE = [(28, 24), (44, 13), (64, 17), (70, 32), (60, 46), (44, 49), (62, 52), (74, 66), (66, 82),
         (46, 88), (26, 78)]  # fmt: skip


def three(kind: str = "PNG") -> bytes:
    picture = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(picture).line(THREE, fill=0, width=8, joint="curve")
    data = BytesIO()
    picture.save(data, kind)
    return data.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_three_is_read_by_every_model(kind: str) -> None:
    models = {name: the_reader(name) for name in readers()}
    *_, (row, progress) = read_rows(ink_of(three(kind), MNIST), models)
    assert row == 28
    assert {one.model: one.index for one in progress} == dict.fromkeys(readers(), 3)


def test_the_rows_are_those_of_the_reader() -> None:
    ink = ink_of(three(), MNIST)
    *_, (_, (progress,)) = read_rows(ink, {"digits": the_reader()})
    rows = the_reader().read(ink).rows
    assert rows is not None
    np.testing.assert_array_equal(progress.rows, rows)


def test_base64_and_a_data_url_are_the_same_picture() -> None:
    text = base64.b64encode(three()).decode()
    np.testing.assert_array_equal(ink_of(text, MNIST), ink_of(three(), MNIST))
    np.testing.assert_array_equal(
        ink_of(f"data:image/png;base64,{text}", MNIST), ink_of(three(), MNIST)
    )


def test_the_early_answer_is_the_first_row_that_is_sure() -> None:
    rows = np.full((4, 10), 0.01, np.float32)
    rows[2, 7] = rows[3, 3] = 0.96
    assert Progress("digits", "lstm", rows, True, MNIST.labels).early == Early(3, "7")
    assert Progress("digits", "lstm", rows[:2], True, MNIST.labels).early is None
    assert Progress("digits", "bilstm", rows[3:], False, MNIST.labels).early is None
    assert "changed its mind" in reading(
        np.zeros((28, 28), np.float32),
        28,
        [Progress("digits", "lstm", rows, True, MNIST.labels)],
        "en",
        MNIST,
    )


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that unpacks to side × side pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "picture, message",
    [
        (b"", "empty"),
        (b"GIF89a", "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "cut short|damaged"),
        (three()[:-40], "cut short|damaged"),
        (bomb(6_000), "megapixels"),
        (bomb(60_000), "too large|pixels"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * PICTURE_BYTES, "at most 25"),
        ("not base64!", "not base64"),
        ("A" * (PICTURE_BYTES * 2), "larger than"),
    ],
    ids=["empty", "gif", "header", "cut", "bomb", "huge bomb", "large", "text", "long"],
)
def test_what_is_no_picture_to_read_is_refused(picture: bytes | str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ink_of(picture, MNIST)


def test_a_blank_picture_is_refused() -> None:
    data = BytesIO()
    Image.new("L", (50, 50), 255).save(data, "PNG")
    with pytest.raises(InputError, match="no ink"):
        ink_of(data.getvalue(), MNIST)


def test_a_reader_that_needs_the_whole_joins_at_the_end() -> None:
    class Whole(qibu.DigitReader):
        """A reader of a network that can't be stepped."""

        def __init__(self) -> None:
            super().__init__(the_reader().stepper)
            self.stepper = type("Stepper", (), {"pairs": (), "spec": the_reader().stepper.spec})()

        def read(self, picture: object) -> qibu.DigitReading:
            return the_reader().read(ink_of(three(), MNIST))

    steps = list(read_rows(ink_of(three(), MNIST), {"digits": the_reader(), "both": Whole()}))
    assert [len(progress) for _, progress in steps] == [1] * 27 + [2]
    last = steps[-1][1][1]
    assert (last.index, last.streaming, last.early) == (3, False, None)
