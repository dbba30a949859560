"""Files of text: found in one order, decoded strictly, with the place of what is wrong."""

import hashlib
import re
from pathlib import Path

import pytest

from qibu.core.errors import DataError
from qibu_train.own_text import files
from qibu_train.own_text.files import NotTextError, TextFile, TextReader, find_files


def read(path: Path) -> str:
    return "".join(TextReader(TextFile(path, path.name)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.txt"


def test_a_folder_s_files_come_by_name_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/é.txt", ".git/config", "c/.hidden", "B.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    names = [file.name for file in find_files(tmp_path)]
    assert names == ["B.txt", "a/z.txt", "a/é.txt", "b.txt"]


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_where_there_is_no_text_that_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--from"):
        find_files(tmp_path / name)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 20])
def test_a_text_is_the_same_whatever_is_read_at_a_time(
    chunk: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", chunk)
    path.write_bytes("\ufeff春眠\r\n不覺曉\r\r\nenough 🙂\n\r".encode())
    assert read(path) == "春眠\n不覺曉\n\nenough 🙂\n\n"


def test_the_digest_is_that_of_the_file(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfa\r\nb")
    reader = TextReader(TextFile(path, path.name))
    list(reader)
    assert reader.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("chunk", [1, 2, 5, 1 << 20])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one\ntwo \xe9t\xe9\n", r"no UTF-8 at byte 8 \(line 2\).*iconv -f GB18030"),
        ("春\n".encode() + "春".encode("gb18030"), r"byte 4 \(line 2\)"),
        ("a\n春".encode()[:-1], r"byte 2 \(line 2\): unexpected end"),
        ("ab\n".encode("utf-16"), r"byte 0 \(line 1\).*iconv -f UTF-16 -t UTF-8"),
        (b"one\ntwo\nthr\0ee", r"binary, no text: byte 11 \(line 3\) is 0"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"binary, no text|no UTF-8 at byte 0"),
    ],
)
def test_what_is_no_utf_8_is_refused_with_byte_and_line(
    content: bytes, message: str, chunk: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", chunk)
    path.write_bytes(content)
    with pytest.raises(NotTextError) as raised:
        read(path)
    assert str(raised.value).startswith(str(path))
    assert re.search(message, str(raised.value))
