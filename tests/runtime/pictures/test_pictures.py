import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from qibu import InputError, MissingExtraError
from qibu.core.arrays import Float32Array
from qibu.pictures.mnist_picture import read_picture


def drawn(size: tuple[int, int], at: tuple[int, int], side: int) -> Image.Image:
    """Draw a seven, dark on light."""
    picture = Image.new("L", size, 245)
    x, y = at
    points = [(x, y), (x + side * 0.6, y), (x + side * 0.2, y + side)]
    ImageDraw.Draw(picture).line(points, 20, max(1, side // 8))
    return picture


def read(picture: Image.Image, path: Path) -> Float32Array:
    picture.save(path)
    return read_picture(path)


def centre(ink: Float32Array) -> tuple[float, float]:
    rows, columns = np.indices(ink.shape)
    return float((rows * ink).sum() / ink.sum()), float((columns * ink).sum() / ink.sum())


@pytest.mark.parametrize(
    ("size", "at", "side"),
    [((40, 30), (12, 5), 20), ((300, 500), (30, 260), 200), ((3000, 2000), (2000, 300), 900)],
)
def test_ink_of_any_size_and_place_is_centred_as_in_mnist(
    size: tuple[int, int], at: tuple[int, int], side: int, tmp_path: Path
) -> None:
    ink = read(drawn(size, at, side), tmp_path / "seven.png")
    assert ink.shape == (28, 28) and ink.dtype == np.float32
    assert ink.min() >= 0 and ink.max() <= 1
    assert centre(ink) == pytest.approx((14, 14), abs=1)
    assert 18 <= np.ptp(np.nonzero(ink.sum(1) > 0.1)[0]) + 1 <= 21


def test_light_on_dark_reads_as_dark_on_light(tmp_path: Path) -> None:
    picture = drawn((200, 200), (60, 40), 100)
    dark = read(picture, tmp_path / "dark.png")
    light = read(picture.point(lambda v: 255 - v), tmp_path / "light.png")
    np.testing.assert_allclose(light, dark, atol=0.02)  # 8-bit rounding


def test_a_jpeg_reads_as_a_png(tmp_path: Path) -> None:
    picture = drawn((200, 200), (60, 40), 100)
    difference = read(picture, tmp_path / "a.png") - read(picture, tmp_path / "a.jpg")
    assert np.abs(difference).mean() < 0.02


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_reads_without_pillow_as_with_it(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = drawn((80, 90), (30, 20), 50)
    if mode == "I;16":
        grey = np.asarray(picture, np.uint16) * 257
        picture = Image.fromarray(grey)
    else:
        picture = picture.convert(mode)
    wanted = read(picture, tmp_path / "a.png")
    monkeypatch.setitem(sys.modules, "PIL", None)
    np.testing.assert_allclose(read_picture(tmp_path / "a.png"), wanted, atol=0.02)


def test_a_jpeg_without_pillow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn((80, 90), (30, 20), 50).save(tmp_path / "a.jpg")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r"qibu\[pictures\]"):
        read_picture(tmp_path / "a.jpg")


def test_a_picture_without_ink_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ink"):
        read(Image.new("L", (50, 50), 255), tmp_path / "blank.png")


def chunk(kind: bytes, content: bytes) -> bytes:
    tail = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + tail


def test_a_picture_that_claims_too_many_pixels_is_an_error(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10**6)))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content + chunk(b"IEND", b""))
    with pytest.raises(InputError, match="pixels"):
        read_picture(tmp_path / "bomb.png")


@pytest.mark.parametrize("pillow", [True, False])
def test_a_cut_picture_or_none_is_an_error(
    pillow: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn((80, 90), (30, 20), 50).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    if not pillow:
        monkeypatch.setitem(sys.modules, "PIL", None)
    for content in (b"", b"a text", whole[:30], whole[: len(whole) // 2]):
        (tmp_path / "odd.png").write_bytes(content)
        with pytest.raises(InputError, match=r"odd\.png"):
            read_picture(tmp_path / "odd.png")
    with pytest.raises(InputError, match=r"none\.png"):
        read_picture(tmp_path / "none.png")
