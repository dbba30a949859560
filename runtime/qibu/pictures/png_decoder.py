"""Reading PNG files with the standard library alone, for where Pillow isn't installed."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np

from ..core.arrays import Array, UInt8Array
from ..core.errors import InputError, MissingExtraError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 64_000_000
MAX_SIDE = 32_768  # keeps `_unfilter`, which takes width + height steps, within seconds

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type: grey, RGB, palette, grey+A, RGBA
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


@dataclass(frozen=True)
class PngParts:
    """A PNG file whose chunks are whole and whose size is allowed, not yet decompressed."""

    width: int
    height: int
    depth: int  # bits per sample
    colour_type: int
    interlaced: bool
    palette: bytes
    transparency: bytes
    compressed: bytes


def check_size(width: int, height: int) -> None:
    """Refuse a picture too large to decode.

    Raises:
        InputError: over 64 megapixels, a side over 32768, or empty.
    """
    if min(width, height) < 1 or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise InputError(
            f"the picture is {width}x{height}, wanted 1 to {MAX_SIDE} pixels on a side"
            f" and at most {MAX_PIXELS // 10**6} megapixels"
        )


def split_png(data: bytes) -> PngParts:
    """Take a PNG file apart and check every chunk's CRC, without decompressing it.

    Raises:
        InputError: it isn't a PNG file, is cut short, damaged or too large.
    """
    if not data.startswith(SIGNATURE):
        raise InputError(f"not a PNG file: it begins with {data[:8]!r}, wanted {SIGNATURE!r}")
    kind, header, position = _chunk(data, len(SIGNATURE))
    if kind != b"IHDR" or len(header) != 13:
        raise InputError(f"the PNG's first chunk is {kind!r} of {len(header)} bytes, wanted IHDR")
    width, height, depth, colour_type, compression, filtering, interlace = struct.unpack(
        ">IIBBBBB", header
    )
    check_size(width, height)
    if depth not in _DEPTHS.get(colour_type, ()) or compression or filtering or interlace > 1:
        raise InputError(f"the PNG's header {bytes(header[8:])!r} is none that the format allows")
    single = {b"PLTE": b"", b"tRNS": b""}
    compressed = []
    while kind != b"IEND":
        kind, body, position = _chunk(data, position)
        if kind == b"IDAT":
            compressed.append(body)
        elif kind in single:
            single[kind] = bytes(body)
    return PngParts(
        width,
        height,
        depth,
        colour_type,
        bool(interlace),
        single[b"PLTE"],
        single[b"tRNS"],
        b"".join(compressed),
    )


def decode_png(parts: PngParts) -> UInt8Array:
    """Decode a PNG file to grey and alpha.

    Returns:
        (height, width, 2) uint8: luma by ITU-R 601, then alpha, 255 where opaque.

    Raises:
        InputError: the picture's data are damaged.
        MissingExtraError: the picture is interlaced, which only Pillow reads.
    """
    if parts.interlaced:
        raise MissingExtraError("an interlaced PNG needs Pillow: pip install 'qibu[pictures]'")
    samples = _samples(parts)
    if parts.colour_type == 3:
        return _from_palette(parts, samples[..., 0])
    pixels = np.full((parts.height, parts.width, 2), 255, np.uint8)
    if parts.colour_type in (4, 6):
        pixels[..., 1] = _to_8_bits(samples[..., -1], parts.depth)
    elif parts.transparency:
        channels = samples.shape[2]
        if len(parts.transparency) != 2 * channels:
            raise InputError(
                f"the PNG's tRNS has {len(parts.transparency)} bytes, wanted {2 * channels}"
            )
        pixels[(samples == np.frombuffer(parts.transparency, ">u2")).all(axis=2), 1] = 0
    colour = _to_8_bits(samples, parts.depth)
    pixels[..., 0] = _luma(colour) if parts.colour_type in (2, 6) else colour[..., 0]
    return pixels


def _chunk(data: bytes, position: int) -> tuple[bytes, memoryview, int]:
    if len(data) < position + 12:
        raise InputError(f"the PNG is cut short: {len(data)} bytes without an IEND chunk")
    length, kind = struct.unpack_from(">I4s", data, position)
    end = position + 8 + length
    if len(data) < end + 4:
        raise InputError(f"the PNG is cut short: {len(data)} bytes, chunk {kind!r} wants {end + 4}")
    body = memoryview(data)[position + 8 : end]
    (wanted,) = struct.unpack_from(">I", data, end)
    found = zlib.crc32(body, zlib.crc32(kind))
    if found != wanted:
        raise InputError(
            f"the PNG is damaged: chunk {kind!r} has CRC {found:08x}, wanted {wanted:08x}"
        )
    return kind, body, end + 4


def _samples(parts: PngParts) -> Array:
    """Decompress and unfilter: (height, width, channels), uint8 or big-endian uint16."""
    height, width, depth = parts.height, parts.width, parts.depth
    bits = depth * _CHANNELS[parts.colour_type]
    row_bytes = (width * bits + 7) // 8
    size = height * (1 + row_bytes)
    try:
        # the bound is what keeps a zip bomb from filling the memory
        raw = zlib.decompressobj().decompress(parts.compressed, size)
    except zlib.error as error:
        raise InputError(f"the PNG is damaged: {error}") from error
    if len(raw) < size:
        raise InputError(f"the PNG is cut short: {len(raw)} bytes of pixels, wanted {size}")
    lines = np.frombuffer(raw, np.uint8).reshape(height, 1 + row_bytes)
    rows = _unfilter(lines[:, 0], lines[:, 1:].reshape(height, -1, max(1, bits // 8)))
    if depth < 8:
        shifts = np.arange(8 - depth, -1, -depth, dtype=np.uint8)
        unpacked = (rows >> shifts) & np.uint8(2**depth - 1)
        return unpacked.reshape(height, -1, 1)[:, :width]
    return rows if depth == 8 else rows.view(">u2")


def _unfilter(kinds: UInt8Array, lines: UInt8Array) -> UInt8Array:
    """Undo the row filters, all rows of a diagonal at once.

    A byte depends on those to its left, above, and above left, so no two bytes of a diagonal
    depend on each other.
    """
    if kinds.max() > 4:
        raise InputError(f"the PNG is damaged: row filter {kinds.max()}, wanted 0 to 4")
    if not kinds.any():
        return np.ascontiguousarray(lines)
    H, W, C = lines.shape  # rows, pixels in a row, bytes in a pixel
    padded = np.zeros((H + 1, W + 1, C), np.uint8)
    padded[1:, 1:] = lines
    flat = padded.reshape(-1, C)
    for diagonal in range(2, H + W + 1):  # row + column, counted in `padded`
        first, last = max(1, diagonal - W), min(H, diagonal - 1)
        start, stop = diagonal + first * W, diagonal + last * W + 1
        left = flat[start - 1 : stop - 1 : W].astype(np.int16)
        above = flat[start - W - 1 : stop - W - 1 : W].astype(np.int16)
        corner = flat[start - W - 2 : stop - W - 2 : W].astype(np.int16)
        to_left, to_above = np.abs(above - corner), np.abs(left - corner)
        to_corner = np.abs(left + above - 2 * corner)
        nearer = np.where(to_above <= to_corner, above, corner)
        paeth = np.where((to_left <= to_above) & (to_left <= to_corner), left, nearer)
        choices = [np.zeros_like(left), left, above, (left + above) >> 1, paeth]
        kind = kinds[first - 1 : last, None]
        flat[start:stop:W] += np.choose(kind, choices).astype(np.uint8)
    return np.ascontiguousarray(padded[1:, 1:])


def _from_palette(parts: PngParts, indices: Array) -> UInt8Array:
    colours = len(parts.palette) // 3
    if indices.max() >= colours:
        raise InputError(f"the PNG is damaged: colour {indices.max()} of a palette of {colours}")
    table = np.full((colours, 2), 255, np.uint8)
    table[:, 0] = _luma(np.frombuffer(parts.palette, np.uint8, 3 * colours).reshape(-1, 3))
    alpha = np.frombuffer(parts.transparency[:colours], np.uint8)
    table[: len(alpha), 1] = alpha
    pixels: UInt8Array = table[indices]
    return pixels


def _to_8_bits(samples: Array, depth: int) -> UInt8Array:
    if depth == 16:
        return (samples >> 8).astype(np.uint8)
    return samples * np.uint8(255 // (2**depth - 1))


def _luma(colour: UInt8Array) -> UInt8Array:
    red, green, blue = (colour[..., i].astype(np.uint32) for i in range(3))
    # Pillow's rounding, so that both decoders give the same picture
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)
