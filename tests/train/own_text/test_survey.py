"""The first pass over a text: sizes, what is held out, what is skipped, what is refused."""

import hashlib
from pathlib import Path

import pytest

from qibu.core.errors import DataError
from qibu_train.own_text.files import NotTextError
from qibu_train.own_text.survey import survey

LINES = "".join(f"line {number} of a text\n" for number in range(400))


def test_a_file_s_digest_is_its_own(text_file: Path) -> None:
    digest = hashlib.sha256(text_file.read_bytes()).hexdigest()
    assert survey(text_file, "auto").sha256 == digest


def test_a_folder_s_digest_is_that_of_a_list_of_its_files(text_documents: Path) -> None:
    paths = sorted((p for p in text_documents.rglob("*.txt")), key=lambda p: p.as_posix())
    lines = [
        f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(text_documents)}\n"
        for p in paths
    ]
    wanted = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert survey(text_documents, "auto").sha256 == wanted


def test_many_files_are_documents_and_one_is_cut(text_file: Path, text_documents: Path) -> None:
    assert survey(text_file, "auto").split == "part"
    assert survey(text_documents, "auto").split == "document"


def test_the_first_part_of_the_only_document_is_trained_on(tmp_path: Path) -> None:
    for seed in range(40):
        path = tmp_path / f"{seed}.txt"
        path.write_text(f"{seed}\n" + LINES, "utf-8")
        assert not survey(path, "part").held_out[0]


def test_what_a_folder_has_besides_text_is_skipped_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LINES, "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "old.txt").write_bytes(b"caf\xe9")
    found = survey(tmp_path, "part")
    assert [file.name for file in found.files] == ["a.txt"]
    assert found.bytes == len(LINES)
    assert len(found.skipped) == 2
    assert "old.txt is no UTF-8 at byte 3 (line 1)" in found.skipped[0]
    assert "picture.png is binary" in found.skipped[1]


def test_characters_of_a_file_that_is_skipped_don_t_count(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LINES, "utf-8")
    (tmp_path / "b.txt").write_bytes("春".encode() + b"\xff")
    assert ord("春") not in survey(tmp_path, "part").characters


def test_a_folder_of_mostly_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LINES, "utf-8")
    (tmp_path / "novel.txt").write_bytes("滾滾長江東逝水".encode("gb18030") * 900)
    with pytest.raises(DataError, match=r"mostly no UTF-8 text, 1 of 2 files; .*novel\.txt"):
        survey(tmp_path, "part")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes, too little to learn from: 4,000 is the least, 20,000 or more is wanted"),
        (b"short\n" * 9, "54 bytes, too little"),
        (b"a" * 9000, "repeats one character, 'a': there is nothing to learn"),
        (b"a\n" * 9000, "repeats one character, 'a'"),
        (b"\n" * 9000, "repeats one character, ''"),
    ],
)
def test_a_text_without_anything_to_learn_is_refused(
    content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        survey(tmp_path / "a.txt", "auto")


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(LINES.encode() + b"caf\xe9\n")
    with pytest.raises(NotTextError, match=rf"byte {len(LINES) + 3:,} \(line 401\)"):
        survey(tmp_path / "a.txt", "auto")
