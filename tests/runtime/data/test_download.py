import errno
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from qibu.cli.fetch import main
from qibu.core.errors import DataError, InputError, MissingExtraError
from qibu.data.download import ATTEMPTS, fetch, fill_folder
from qibu.data.registry import DATASETS, Dataset

FILES = {f"{letter}.txt": letter.encode() * 5000 for letter in "abc"}
PackNpm = Callable[[Mapping[str, bytes]], Path]


class LetterServer(ThreadingHTTPServer):
    """Serves FILES; a file's next fault, if it has one, comes before its content."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), LetterHandler)
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.requests: list[str] = []
        self.ended = threading.Event()


class LetterHandler(BaseHTTPRequestHandler):
    server: LetterServer

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.server.requests.append(name)
        content = FILES[name]
        length = len(content)
        fault = self.server.faults[name].pop(0) if self.server.faults[name] else None
        if fault == "stall":
            self.server.ended.wait(10)
            return
        if fault in ("404", "503"):
            self.send_error(int(fault))
            return
        if fault == "wrong":
            content = content.upper()
        if fault == "cut":
            content = content[: length // 2]
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[LetterServer]:
    with LetterServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.ended.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def quick_and_without_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("qibu.data.download.RETRY_PAUSE_SECONDS", 0.0)


@pytest.fixture
def letters(tmp_path: Path, server: LetterServer) -> Dataset:
    hashes = tmp_path / "letters.sha256"
    hashes.write_text(
        "".join(
            f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in FILES.items()
        ),
        "utf-8",
    )
    url = f"http://127.0.0.1:{server.server_port}/letters"
    package = ("letters@1.0.0", "package/data")
    return Dataset("letters", str(hashes), "qibu fetch letters", *package, url, "letters")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def _put_npm(tmp_path: Path, body: str) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir(exist_ok=True)
    npm.write_text(f"#!{sys.executable}\n{body}\n", "utf-8")
    npm.chmod(0o755)


@pytest.fixture
def pack_npm(tmp_path: Path) -> PackNpm:
    """Make an npm whose `pack` gives an archive of these members, and notes each call."""

    def pack(members: Mapping[str, bytes]) -> Path:
        archive, calls = tmp_path / "prepared.tgz", tmp_path / "npm-calls"
        with tarfile.open(archive, "w:gz") as tar:
            for name, content in members.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        _put_npm(
            tmp_path,
            "import shutil, sys\n"
            f"shutil.copy({str(archive)!r}, 'letters-1.0.0.tgz')\n"
            f"open({str(calls)!r}, 'a').write(' '.join(sys.argv[1:3]) + '\\n')",
        )
        return calls

    return pack


def _members(files: Mapping[str, bytes] = FILES) -> dict[str, bytes]:
    return {f"package/data/{name}": content for name, content in files.items()}


def _write(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _assert_holds_only(folder: Path, *names: str) -> None:
    """Assert that these files are there and whole, and nothing else is, hidden or not."""
    found = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}
    assert found == {name: FILES[name] for name in names}


def _assert_complete(folder: Path) -> None:
    (folder / ".letters.checked").unlink()
    _assert_holds_only(folder, *FILES)


def test_the_web_gives_every_file(letters: Dataset, folder: Path) -> None:
    fill_folder(folder, [letters])
    _assert_complete(folder)


def test_wrong_bytes_are_refused(server: LetterServer, letters: Dataset, folder: Path) -> None:
    server.faults["b.txt"] = ["wrong"]
    with pytest.raises(DataError, match=r"letters/b\.txt has the sha256 \w{64}, wanted \w{64}"):
        fill_folder(folder, [letters])
    _assert_holds_only(folder, "a.txt")


def test_a_cut_download_leaves_nothing_that_looks_complete(
    server: LetterServer, letters: Dataset, folder: Path
) -> None:
    server.faults["b.txt"] = ["cut"] * ATTEMPTS
    with pytest.raises(
        DataError, match=r"b\.txt can't be read .*IncompleteRead.*qibu fetch letters"
    ):
        fill_folder(folder, [letters])
    assert server.requests == ["a.txt", *["b.txt"] * ATTEMPTS]
    _assert_holds_only(folder, "a.txt")


def test_the_next_call_after_a_cut_gets_only_what_is_missing(
    server: LetterServer, letters: Dataset, folder: Path
) -> None:
    server.faults["b.txt"] = ["cut"] * ATTEMPTS
    with pytest.raises(DataError):
        fill_folder(folder, [letters])
    server.requests.clear()
    fill_folder(folder, [letters])
    assert server.requests == ["b.txt", "c.txt"]
    _assert_complete(folder)


@pytest.mark.parametrize("fault", ["cut", "503"])
def test_a_passing_fault_is_tried_again(
    fault: str, server: LetterServer, letters: Dataset, folder: Path
) -> None:
    server.faults["b.txt"] = [fault] * (ATTEMPTS - 1)
    fill_folder(folder, [letters])
    _assert_complete(folder)


def test_a_file_that_is_not_there_is_asked_for_once(
    server: LetterServer, letters: Dataset, folder: Path
) -> None:
    server.faults["b.txt"] = ["404"]
    with pytest.raises(DataError, match=r"b\.txt can't be read \(HTTP Error 404"):
        fill_folder(folder, [letters])
    assert server.requests == ["a.txt", "b.txt"]
    _assert_holds_only(folder, "a.txt")


def test_a_server_that_stalls_is_given_up(
    server: LetterServer, letters: Dataset, folder: Path
) -> None:
    server.faults["a.txt"] = ["stall"] * ATTEMPTS
    with pytest.raises(DataError, match=r"a\.txt can't be read .*timed out"):
        fill_folder(folder, [letters], timeout_seconds=0.1)
    _assert_holds_only(folder)


def test_the_second_call_neither_asks_nor_reads(
    server: LetterServer, letters: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_folder(folder, [letters])
    server.requests.clear()

    def refuse(*_: object) -> str:
        raise AssertionError("a file was read")

    monkeypatch.setattr(Dataset, "digest_of", refuse)
    fill_folder(folder, [letters])
    assert server.requests == []


@pytest.mark.parametrize("content", [b"", b"A" * 5000], ids=["shorter", "as long"])
def test_a_file_changed_afterwards_is_fetched_anew(
    content: bytes, server: LetterServer, letters: Dataset, folder: Path
) -> None:
    fill_folder(folder, [letters])
    changed = folder / "a.txt"
    before = changed.stat().st_mtime_ns
    changed.write_bytes(content)
    os.utime(changed, ns=(before + 1000, before + 1000))  # a coarse clock may not have moved
    server.requests.clear()
    fill_folder(folder, [letters])
    assert server.requests == ["a.txt"]
    _assert_complete(folder)


def test_a_broken_stamp_only_costs_a_check(
    server: LetterServer, letters: Dataset, folder: Path
) -> None:
    _write(folder, FILES)
    (folder / ".letters.checked").write_text("[1]", "utf-8")
    fill_folder(folder, [letters])
    assert server.requests == []
    _assert_complete(folder)


@pytest.mark.parametrize("place", ["", "MNIST/raw"])
@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
def test_a_folder_that_the_user_has_is_copied(
    place: str, zipped: bool, server: LetterServer, letters: Dataset, folder: Path, tmp_path: Path
) -> None:
    twins = {f"{name}.gz": gzip.compress(content) for name, content in FILES.items()}
    _write(tmp_path / "mine" / place, twins if zipped else FILES)
    fill_folder(folder, [letters], source=tmp_path / "mine")
    assert server.requests == []
    _assert_complete(folder)


def test_a_folder_that_lacks_a_file_is_an_error(
    letters: Dataset, folder: Path, tmp_path: Path
) -> None:
    source = _write(tmp_path / "mine", {"a.txt": FILES["a.txt"]})
    with pytest.raises(DataError, match=r"mine has no b\.txt, nor b\.txt\.gz"):
        fill_folder(folder, [letters], source=source)
    _assert_holds_only(folder, "a.txt")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"other", r"a\.txt has the sha256"),
        ("a.txt.gz", gzip.compress(b"other"), r"a\.txt\.gz has the sha256"),
        ("a.txt.gz", gzip.compress(FILES["a.txt"])[:-9], r"a\.txt\.gz is not a whole gzip"),
        ("a.txt.gz", b"no gzip", r"a\.txt\.gz is not a whole gzip"),
    ],
    ids=["wrong", "wrong gz", "cut gz", "no gz"],
)
def test_a_folder_with_a_wrong_file_is_an_error(
    name: str, content: bytes, message: str, letters: Dataset, folder: Path, tmp_path: Path
) -> None:
    source = _write(tmp_path / "mine", {name: content})
    with pytest.raises(DataError, match=message):
        fill_folder(folder, [letters], source=source)
    _assert_holds_only(folder)


def test_a_source_that_is_no_folder_is_an_error(
    letters: Dataset, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="nowhere is not a folder"):
        fill_folder(folder, [letters], source=tmp_path / "nowhere")


def test_npm_comes_before_the_web(
    server: LetterServer, letters: Dataset, folder: Path, pack_npm: PackNpm
) -> None:
    calls = pack_npm(_members())
    fill_folder(folder, [letters])
    assert calls.read_text("utf-8") == "pack letters@1.0.0\n"
    assert server.requests == []
    _assert_complete(folder)


def test_no_path_in_an_archive_leads_out_of_the_folder(
    letters: Dataset, folder: Path, pack_npm: PackNpm, tmp_path: Path
) -> None:
    paths = ("../evil.txt", "package/data/../../../evil.txt", str(tmp_path / "evil.txt"))
    pack_npm({**dict.fromkeys(paths, b"evil"), **_members(), "package/data/d.txt": b"unknown"})
    fill_folder(folder, [letters])
    assert list(tmp_path.rglob("evil.txt")) == []
    _assert_complete(folder)


def test_npm_that_fails_gives_way_to_the_web(
    letters: Dataset, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _put_npm(tmp_path, "import sys; sys.exit('npm error code E404')")
    fill_folder(folder, [letters])
    assert "npm error code E404" in capsys.readouterr().err
    _assert_complete(folder)


def test_npm_that_fails_is_an_error_without_the_web(
    letters: Dataset, folder: Path, tmp_path: Path
) -> None:
    log = "npm error A complete log of this run can be found in: somewhere"
    _put_npm(tmp_path, f"import sys; sys.exit('npm error code E404\\n{log}')")
    with pytest.raises(DataError, match=r"letters@1\.0\.0` failed: npm error code E404; call"):
        fill_folder(folder, [replace(letters, raw_url=None)])
    _assert_holds_only(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, r"has no package/data/b\.txt"), (b"other", r"package/data/b\.txt has the sha256")],
    ids=["lacking", "wrong"],
)
def test_an_archive_with_a_bad_member_is_an_error(
    content: bytes | None, message: str, letters: Dataset, folder: Path, pack_npm: PackNpm
) -> None:
    pack_npm(_members({"a.txt": FILES["a.txt"], **({"b.txt": content} if content else {})}))
    with pytest.raises(DataError, match=message):
        fill_folder(folder, [replace(letters, raw_url=None)])
    _assert_holds_only(folder, "a.txt")


def test_a_cut_archive_is_an_error(
    letters: Dataset, folder: Path, pack_npm: PackNpm, tmp_path: Path
) -> None:
    pack_npm(_members())
    archive = tmp_path / "prepared.tgz"
    archive.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"letters@1\.0\.0 is not a whole archive"):
        fill_folder(folder, [replace(letters, raw_url=None)])
    assert all(path.read_bytes() == FILES[path.name] for path in folder.glob("*"))


def test_digits_without_npm_need_a_folder(folder: Path) -> None:
    with pytest.raises(DataError, match=r"no npm here; .*qibu fetch digits --from DIR"):
        fetch("digits", folder=folder)
    _assert_holds_only(folder)


def test_a_full_disk_leaves_only_whole_files(
    letters: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes = Path.write_bytes

    def run_full(path: Path, content: bytes) -> int:
        if content == FILES["a.txt"]:
            return write_bytes(path, content)
        write_bytes(path, content[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", run_full)
    with pytest.raises(DataError, match=r"cache can't be filled: .*No space left"):
        fill_folder(folder, [letters])
    _assert_holds_only(folder, "a.txt")


def test_fetching_without_tqdm_names_the_extra(
    letters: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'qibu\[data\]'"):
        fill_folder(folder, [letters])
    _assert_holds_only(folder)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(InputError, match="must be poems or digits, got 'song'"):
        fetch("song")
    with pytest.raises(InputError, match="not with 'digits'"):
        fetch("digits", song=True)


def test_the_command_gets_both_dynasties_with_one_archive(
    letters: Dataset,
    folder: Path,
    pack_npm: PackNpm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    song = b"song"
    hashes = tmp_path / "song.sha256"
    hashes.write_text(f"{hashlib.sha256(song).hexdigest()}  song.txt\n", "utf-8")
    monkeypatch.setitem(DATASETS, "poems", letters)
    monkeypatch.setitem(
        DATASETS, "song", replace(letters, name="song", hashes=str(hashes), adds_to="poems")
    )
    calls = pack_npm(_members({**FILES, "song.txt": song}))
    assert main(["poems", "--song", "--to", str(folder), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"name": "poems", "folder": str(folder), "files": 4, "bytes": 15004}
    assert calls.read_text("utf-8") == "pack letters@1.0.0\n"


def test_the_command_prints_the_folder(
    letters: Dataset,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(DATASETS, "digits", letters)
    source = _write(tmp_path / "mine", FILES)
    assert main(["digits", "--from", str(source), "--to", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder}\n"


def test_the_command_refuses_song_digits() -> None:
    with pytest.raises(InputError, match="goes with 'poems', not with 'digits'"):
        main(["digits", "--song"])
