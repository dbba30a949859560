"""Homes that can't be written, can't be read, or aren't known."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qibu.core.errors import DataError
from qibu.core.files import atomic_path
from qibu.data.registry import cache_folder
from qibu.verse.novelty import corpus_lines

from .conftest import Commands, Run, endings

PLACES = (
    "HOME",
    "USERPROFILE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "LOCALAPPDATA",
)
needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows asks its registry")


def test_every_command_runs_where_no_home_can_be_made(
    commands: Commands, run_apart: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    below = str(tmp_path / "file" / "home")
    done = run_apart([*commands, ["fetch", "poems", "--from", "."]], **dict.fromkeys(PLACES, below))
    *others, fetch = endings(done)
    assert others == [f"{name} ends with 0" for name, *_ in commands]
    assert fetch == "fetch ends with 2" and "qibu fetch: . has no " in done.stderr


@needs_posix
def test_every_command_runs_without_a_home(commands: Commands, run_apart: Run) -> None:
    done = run_apart(commands, **dict.fromkeys(PLACES))
    assert endings(done) == [f"{name} ends with 0" for name, *_ in commands]


@pytest.fixture
def prefix() -> list[str]:
    """Give what makes a process heed the modes of folders, which root does not."""
    if os.name == "nt":
        pytest.skip("Windows has no modes of folders")
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root heeds no modes without setpriv (util-linux)")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


@pytest.fixture(params=[0o500, 0o000])
def locked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(request.param)
    yield home
    home.chmod(0o700)


def test_a_home_of_somebody_else_holds_up_nothing(
    commands: Commands, run_apart: Run, locked: Path, prefix: list[str]
) -> None:
    best = [*commands[0], "--best-of", "2"]  # looks for the corpus in the cache
    done = run_apart([best, *commands], prefix=prefix, **dict.fromkeys(PLACES, str(locked)))
    assert endings(done) == [f"{name} ends with 0" for name, *_ in [best, *commands]]


@needs_posix
def test_a_user_without_an_entry_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    for older in (False, True):
        if older:  # platformdirs left the sign for home
            monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~/.cache"))
        with pytest.raises(DataError, match="this user has no home folder: set HOME"):
            cache_folder()
        assert corpus_lines() is None  # which a poem does without


def test_what_went_wrong_is_told_though_the_rest_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "in use by another process")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(DataError, match="the check failed"), atomic_path(tmp_path / "a.txt"):
        raise DataError("the check failed")
    assert not (tmp_path / "a.txt").exists()
