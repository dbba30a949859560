"""A text as tokens: the same text again, in training and held out."""

from pathlib import Path

import numpy as np
import pytest

from qibu.core.errors import DataError
from qibu.text.vocabulary import Vocabulary
from qibu_train.own_text.corpus import BYTES, Corpus, Part, read_bytes, read_characters
from qibu_train.own_text.survey import survey
from qibu_train.own_text.units import hash_of

CHINESE = "春江潮水連海平，海上明月共潮生。\n灩灩隨波千萬里，何處春江無月明！\n"


@pytest.fixture(params=["document", "line", "part"])
def split(request: pytest.FixtureRequest) -> str:
    split: str = request.param
    return split


def text_of(source: Path) -> str:
    paths = [source] if source.is_file() else sorted(source.rglob("*.txt"), key=str)
    return "\n".join(path.read_text("utf-8") for path in paths)


def spell(vocabulary: Vocabulary, part: Part) -> list[str]:
    """Write each text of a part, controls in full."""
    texts = []
    for start, end in zip(part.starts[:-1], part.starts[1:], strict=True):
        texts.append("".join(vocabulary.token(token) for token in part.tokens[start:end]))
    return texts


def stripped(texts: list[str]) -> str:
    joined = "".join(texts)
    return joined.replace("<start>", "").replace("<end>", "")


def test_a_part_s_text_begins_and_ends_where_the_document_does(text_file: Path) -> None:
    corpus = read_characters(survey(text_file, "part"))
    texts = spell(corpus.vocabulary, corpus.train) + spell(corpus.vocabulary, corpus.held_out)
    assert sum(text.startswith("<start>") for text in texts) == 1
    assert sum(text.endswith("<end>") for text in texts) == 1
    assert spell(corpus.vocabulary, corpus.train)[0].startswith("<start>")
    whole = text_file.read_text("utf-8")
    assert sorted(stripped(texts)) == sorted(whole)
    for text in texts:  # each is a stretch of the document, and none of another's
        assert stripped([text]) in whole


@pytest.mark.parametrize("split", ["document", "line"])
def test_a_document_or_line_stands_between_start_and_end(split: str, text_documents: Path) -> None:
    corpus = read_characters(survey(text_documents, split))
    texts = spell(corpus.vocabulary, corpus.train) + spell(corpus.vocabulary, corpus.held_out)
    assert all(text.startswith("<start>") and text.endswith("<end>") for text in texts)
    whole = {path.read_text("utf-8") for path in text_documents.rglob("*.txt")}
    units = whole if split == "document" else {line for text in whole for line in text.splitlines()}
    assert {stripped([text]) for text in texts} == units


def test_what_is_held_out_is_in_no_training_text(split: str, text_documents: Path) -> None:
    corpus = read_characters(survey(text_documents, split))
    train = spell(corpus.vocabulary, corpus.train)
    held_out = spell(corpus.vocabulary, corpus.held_out)
    assert held_out
    for text in held_out:
        assert not any(stripped([text]) in stripped([other]) for other in train)


def test_bytes_say_the_same_as_characters(tmp_path: Path, split: str) -> None:
    for number in range(24):
        text = "".join(f"{number} {line} {CHINESE}" for line in range(20))
        (tmp_path / f"{number}.txt").write_text(text, "utf-8")
    found = survey(tmp_path, split)
    by_byte, by_character = read_bytes(found), read_characters(found)
    assert by_byte.is_in_bytes and not by_character.is_in_bytes
    assert by_byte.vocabulary.characters == BYTES
    for one, other in (
        (by_byte.train, by_character.train),
        (by_byte.held_out, by_character.held_out),
    ):
        raw = stripped(spell(by_byte.vocabulary, one)).encode("latin-1")
        assert raw.decode() == stripped(spell(by_character.vocabulary, other))
    assert by_byte.held_out_text == by_character.held_out_text


def counted(corpus: Corpus) -> None:
    size = len(corpus.vocabulary)
    wanted = np.bincount(corpus.train.tokens, minlength=size)
    wanted[corpus.vocabulary.id("<start>")] = 0
    assert corpus.counts.tolist() == wanted.tolist()


def test_tokens_are_counted(text_file: Path, split: str) -> None:
    if split != "document":
        counted(read_characters(survey(text_file, split)))
        counted(read_bytes(survey(text_file, split)))


def test_characters_come_by_frequency_after_those_that_are_known(text_file: Path) -> None:
    found = survey(text_file, "line")
    corpus = read_characters(found, known="zq山a")
    assert corpus.vocabulary.characters.startswith("zq山a")
    rest = corpus.vocabulary.characters[4:]
    counts = [int(corpus.counts[corpus.vocabulary.id(character)]) for character in rest]
    assert counts == sorted(counts, reverse=True)
    assert set(corpus.vocabulary.characters) == set(text_of(text_file)) - {"\n"} | set("zq山")
    counted(corpus)


def test_a_rare_character_is_unknown_where_that_is_wished(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    lines = [f"a line of words and {number % 7} things\n" for number in range(500)]
    lines[100] = "one with a rare ☃ in it\n"
    path.write_text("".join(lines), "utf-8")
    assert "☃" in read_characters(survey(path, "part")).vocabulary
    corpus = read_characters(survey(path, "part"), min_count=2)
    assert "☃" not in corpus.vocabulary
    assert corpus.counts[corpus.vocabulary.id("<unk>")] >= 1
    counted(corpus)


def test_what_is_held_out_and_never_trained_on_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    numbers = range(10**6)
    foreign = next(t for t in map("☃☃ {}".format, numbers) if hash_of(t) < 0.04 * 2**64)
    lines = [f"line {number} of the text\n" for number in range(400)]
    path.write_text("".join([*lines, foreign]), "utf-8")
    corpus = read_characters(survey(path, "line"))
    assert corpus.unknown == 2
    assert not corpus.is_unknown_only
    assert foreign in corpus.held_out_text
    assert "☃" not in corpus.vocabulary


def test_a_file_that_changes_between_the_two_passes_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("".join(f"line {number}\n" for number in range(900)), "utf-8")
    found = survey(path, "line")
    with path.open("a", encoding="utf-8") as stream:
        stream.write("more\n")
    with pytest.raises(DataError, match=r"a\.txt changed while it was read"):
        read_characters(found)
