"""What the compressors reach, held against the compressors themselves."""

import lzma
import subprocess
from pathlib import Path
from shutil import which

import pytest

from qibu_train.own_text.compressors import compressed_bits
from qibu_train.own_text.corpus import Corpus, read_bytes, read_characters
from qibu_train.own_text.survey import survey


@pytest.fixture(scope="module")
def corpus(text_file: Path) -> Corpus:
    return read_characters(survey(text_file, "line"))


def training_text(corpus: Corpus) -> bytes:
    spelling = list(corpus.vocabulary.spelling())
    spelling[corpus.vocabulary.id("<end>")] = "\n"
    return "".join(spelling[token] for token in corpus.train.tokens).encode()


def test_xz_gets_as_far_as_the_program(corpus: Corpus, tmp_path: Path) -> None:
    if not which("xz"):
        pytest.skip("no xz")
    known, held_out = training_text(corpus), corpus.held_out_text.encode()
    sizes = []
    for content in (known, known + held_out):
        packed = subprocess.run(["xz", "-9", "-c"], input=content, capture_output=True, check=True)
        sizes.append(len(packed.stdout))
    wanted = 8 * (sizes[1] - sizes[0]) / len(corpus.held_out_text)
    # a file of xz is filled up to 4 bytes
    assert compressed_bits(corpus)["xz"] == pytest.approx(
        wanted, abs=8 * 4 / len(corpus.held_out_text)
    )


def test_gzip_gets_as_far_as_the_program(corpus: Corpus) -> None:
    if not which("gzip"):
        pytest.skip("no gzip")
    known, held_out = training_text(corpus), corpus.held_out_text.encode()
    sizes = []
    for content in (known, known + held_out):
        packed = subprocess.run(["gzip", "-9"], input=content, capture_output=True, check=True)
        sizes.append(len(packed.stdout))
    wanted = 8 * (sizes[1] - sizes[0]) / len(corpus.held_out_text)
    # a program's codes of the known text serve what comes after; here new ones are written
    assert compressed_bits(corpus)["gzip"] == pytest.approx(wanted, rel=0.1)


def test_a_known_text_helps(corpus: Corpus) -> None:
    alone = len(lzma.compress(corpus.held_out_text.encode(), preset=9))
    assert compressed_bits(corpus)["xz"] < 8 * alone / len(corpus.held_out_text)


def test_bytes_and_characters_are_the_same_text(text_file: Path, corpus: Corpus) -> None:
    assert compressed_bits(read_bytes(survey(text_file, "line"))) == compressed_bits(corpus)
