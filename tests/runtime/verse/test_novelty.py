import json
from pathlib import Path

import pytest

from qibu import DataError
from qibu.verse.novelty import CorpusLines


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    poem = {"author": "王之渙", "title": "登鸛雀樓", "paragraphs": ["白日依山盡，黃河入海流。"]}
    (tmp_path / "poet.tang.0.json").write_text(json.dumps([poem]), "utf-8")
    return tmp_path


def test_a_line_of_the_corpus_is_known_and_no_other(corpus: Path) -> None:
    lines = CorpusLines.make(corpus)
    assert len(lines) == 2
    assert lines.holds("黃河入海流") and not lines.holds("黃河入海")


def test_the_index_is_made_once(corpus: Path) -> None:
    assert CorpusLines.read(corpus) is None
    CorpusLines.make(corpus)
    (corpus / "poet.tang.0.json").unlink()
    read = CorpusLines.read(corpus)
    assert read is not None and read.holds("白日依山盡")


def test_a_broken_index_is_an_error_that_names_it(corpus: Path) -> None:
    CorpusLines.make(corpus)
    (corpus / "tang-line-hashes.npy").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"tang-line-hashes\.npy is broken"):
        CorpusLines.read(corpus)


def test_a_folder_without_poems_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="qibu fetch poems"):
        CorpusLines.make(tmp_path)
