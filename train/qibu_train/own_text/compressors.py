"""What gzip and xz make of the text that is held out, the training text being known to them."""

import lzma
import zlib
from collections.abc import Iterator, Mapping

import numpy as np

from qibu.text.vocabulary import END

from .corpus import BLOCK, Corpus

XZ_WINDOW = 1 << 26  # of `xz -9`; what lies further back it has forgotten
GZIP_WINDOW = 1 << 15


def compressed_bits(corpus: Corpus) -> Mapping[str, float]:
    """Give the bits a character that `gzip -9` and `xz -9` add for what is held out.

    Each gets the last of the training text that its window holds first, 32 KiB and 64 MiB, then
    what is held out: the second part's share of the bytes counts. Neither's header does.
    """
    held_out = corpus.held_out_text.encode()
    packed = {"gzip": _by_gzip(corpus, held_out), "xz": _by_xz(corpus, held_out)}
    return {name: 8 * size / len(corpus.held_out_text) for name, size in packed.items()}


def _by_gzip(corpus: Corpus, held_out: bytes) -> int:
    known = b"".join(_training_bytes(corpus, GZIP_WINDOW))[-GZIP_WINDOW:]
    packer = zlib.compressobj(9, wbits=-15, memLevel=9, zdict=known)
    return len(packer.compress(held_out) + packer.flush())


def _by_xz(corpus: Corpus, held_out: bytes) -> int:
    # the memory that it takes grows with the window, so that's no larger than the text
    size = sum(map(len, _training_bytes(corpus, XZ_WINDOW))) + len(held_out)
    window = min(XZ_WINDOW, max(1 << (size - 1).bit_length(), 4096))
    chain = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": window}]
    sizes = []
    for end in (b"", held_out):
        packer = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=chain)
        packed = sum(len(packer.compress(block)) for block in _training_bytes(corpus, XZ_WINDOW))
        sizes.append(packed + len(packer.compress(end)) + len(packer.flush()))
    return sizes[1] - sizes[0]


def _training_bytes(corpus: Corpus, most: int) -> Iterator[bytes]:
    """Give the last of the training text, `most` bytes or a little more, in blocks."""
    train = corpus.train
    in_bytes, spelling = corpus.is_in_bytes, list(corpus.vocabulary.spelling())
    spelling[corpus.vocabulary.id(END)] = "\n"
    first, size = len(train.tokens), 0
    lengths = np.array([len(word) if in_bytes else len(word.encode()) for word in spelling])
    while first and size < most:
        begin = max(first - BLOCK, 0)
        size += int(lengths[train.tokens[begin:first]].sum())
        first = begin
    for begin in range(first, len(train.tokens), BLOCK):
        text = "".join([spelling[token] for token in train.tokens[begin : begin + BLOCK]])
        yield text.encode("latin-1") if in_bytes else text.encode()
