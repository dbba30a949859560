"""Running the blocks of one page in one folder, in their order."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from exceptions import MISSES, NOT_RUN, PROGRAMS
from node_packages import WEB, installed
from pages import Block, Command, commands_of
from prepared import CACHE, FILES, JAVASCRIPT, PYTHON

from qibu.bundled import model_path
from qibu.verse.tables import verse_tables

SECONDS = 300  # for one block
_LEFT_OUT = "…"
_END = "-- qibu-docs {} --"
# a difference is another on another machine, and says beside it what it may be at most
_DIFFERENCE = re.compile(r"\b\d\.\de[-+]\d\d\b")

_MODEL = re.compile(r'"((?:models/)?[\w-]+)\.onnx"')  # that a page in a browser fetches

_FILE = re.compile(r"/\* (\S+\.c) \*/\n")

# one interpreter for a page: it reads the name of a file, runs it, and says how it went
_INTERPRETER = """
import json, linecache, sys, traceback
names = {"__name__": "__main__"}
out = sys.stdout
for line in sys.stdin:
    path, first = json.loads(line)
    text = open(path, encoding="utf-8").read()
    lines = text.splitlines(keepends=True)
    linecache.cache[path] = len(text), None, lines, path
    with open(path + ".out", "w", encoding="utf-8") as sys.stdout:
        try:
            exec(compile(text, path, "exec"), names)
            error = ""
        except BaseException:
            error = traceback.format_exc()
    sys.stdout = out
    print(json.dumps(error), flush=True)
"""


class Page:
    """A folder with what the text says is there, and an interpreter whose names go on."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder, self.work = folder / "here", folder / "blocks"
        for path in (self.folder, self.work):
            path.mkdir()
        self.missing: set[str] = set()  # programs and files that this machine lacks
        self._absent: list[str] = []
        for name, make in FILES.items():
            if name in text and not _is_made(name, text):
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                try:
                    make(self.folder / name)
                except FileNotFoundError as error:
                    self.missing.add(str(error))
                    self._absent.append(name)
        (self.folder / ".venv").symlink_to(sys.prefix)
        cache = folder / "cache"
        for name, make in CACHE.items():
            (cache / "qibu" / name).parent.mkdir(parents=True, exist_ok=True)
            make(cache / "qibu" / name)
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]]),
            "XDG_CACHE_HOME": str(cache),
            "OMP_NUM_THREADS": "1",
        }
        self._interpreter: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Page":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._interpreter is not None:
            self._interpreter.communicate()

    def console(self, block: Block) -> Iterator[str]:
        """Run the commands of a block in one shell; give what is wrong."""
        commands = [c for c in commands_of(block) if self._can_run(c)]
        script = self.work / f"{block.line}.sh"
        lines = []
        for command in commands:
            lines += [command.text, f'code=$?; echo; echo "{_END.format("$code")}"', "echo >&2"]
            lines += [f'echo "{_END.format("$code")}" >&2']
        script.write_text("\n".join(lines), "utf-8")
        done = subprocess.run(
            ["bash", str(script)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        told = zip(commands, _parts(done.stdout), _parts(done.stderr), strict=True)
        for command, (out, code), (progress, _) in told:
            wrong = _wrong(command, out, progress, code)
            if wrong:
                yield f"line {command.line}: $ {command.name}\n{wrong}"

    def python(self, block: Block, prints: Block | None) -> Iterator[str]:
        """Run a block after those before it; give what is wrong."""
        if self._interpreter is None:
            self._interpreter = subprocess.Popen(
                [sys.executable, "-c", _INTERPRETER],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
            given = self.work / "given.py"
            given.write_text("\n".join(f"{n} = {v}" for n, v in PYTHON.items()), "utf-8")
            assert self._ask(given, 1) == ""
        path = self.work / f"{block.line}.py"
        path.write_text(block.text, "utf-8")
        error = self._ask(path, block.line)
        if error:
            yield f"line {block.line}: python\n{error}"
        elif prints is not None:
            out = Path(f"{path}.out").read_text("utf-8")
            if not _agree(prints.text.splitlines(), out.splitlines(), []):
                yield f"line {block.line}: python prints\n{out}"

    def _ask(self, path: Path, line: int) -> str:
        assert self._interpreter is not None and self._interpreter.stdin is not None
        assert self._interpreter.stdout is not None
        print(json.dumps([str(path), line]), file=self._interpreter.stdin, flush=True)
        answer = self._interpreter.stdout.readline()
        return str(json.loads(answer)) if answer else "the interpreter has ended"

    def keep(self, block: Block) -> None:
        """Write a block whose first line is the name of a file."""
        name = _FILE.match(block.text)
        if name is not None:
            (self.folder / name[1]).write_text(block.text, "utf-8")

    def javascript(self, block: Block) -> Iterator[str]:
        """Run a block in Node, beside the module; give what is wrong."""
        try:
            modules = installed()
        except FileNotFoundError as error:
            self.missing.add(str(error))
            return
        folder = self.work / "js"
        if not folder.is_dir():
            shutil.copytree(WEB / "qibu", folder / "qibu")
            (folder / "node_modules").symlink_to(modules)
            (folder / "models").mkdir()
            (folder / "given.mjs").write_text(JAVASCRIPT, "utf-8")
        for name in _MODEL.findall(block.text):
            file = folder / f"{name}.onnx"
            own = self.folder / file.name
            shutil.copyfile(own if own.is_file() else model_path(file.stem), file)
            file.with_name("verse.json").write_text(json.dumps(verse_tables()), "utf-8")
        script = folder / f"{block.line}.mjs"
        script.write_text(block.text, "utf-8")
        done = subprocess.run(
            ["node", "--import", "./given.mjs", script.name],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            yield f"line {block.line}: javascript\n{done.stderr}"

    def _can_run(self, command: Command) -> bool:
        if any(command.name.startswith(beginning) for beginning in NOT_RUN):
            return False
        if any(name in command.name for name in self._absent):
            return False
        wanted = {program for part, program in PROGRAMS.items() if part in command.name}
        missing = {program for program in wanted if shutil.which(program) is None}
        self.missing |= missing
        return not missing


def _is_made(name: str, text: str) -> bool:
    """Say whether a page makes a file itself, with `export_module`."""
    return re.search(rf'export_module\(.{{,40}}"{re.escape(name)}"', text, re.DOTALL) is not None


def _parts(output: str) -> Iterator[tuple[list[str], int]]:
    """Cut what a shell said into what each command said, and its exit code."""
    pattern = "\n" + re.escape(_END).replace(r"\{\}", r"(\d+)") + "\n"
    pieces = re.split(pattern, output)
    for text, code in zip(pieces[::2], pieces[1::2], strict=False):
        yield text.splitlines(), int(code)


def _wrong(command: Command, out: Sequence[str], progress: Sequence[str], code: int) -> str:
    """Say what is wrong with how a command went; nothing where it went as the page says."""
    told = "\n".join([*out, *progress])
    missed = [word for start, word in MISSES.items() if command.name.startswith(start)]
    if missed:
        return "" if code == 2 and missed[0] in told else f"exit code {code}\n{told}"
    if code:
        return f"exit code {code}\n{told}"
    if command.prints and not _agree(command.prints, out, progress):
        return f"the page shows other lines than\n{told}"
    return ""


def _agree(shown: Sequence[str], out: Sequence[str], progress: Sequence[str]) -> bool:
    """Say whether a page shows all lines of stdout, in order, and besides some of stderr.

    A line that is … alone stands for any lines of stdout.
    """
    if _LEFT_OUT in shown:
        pieces = (_LEFT_OUT if line == _LEFT_OUT else re.escape(_plain(line)) for line in shown)
        pattern = "\n".join(pieces).replace(_LEFT_OUT, r"(?:.*\n)*?.*")
        return re.fullmatch(pattern, "\n".join(map(_plain, out))) is not None
    wanted = [_plain(line) for line in shown if line.strip()]
    left = [_plain(line) for line in out if line.strip()]
    beside = iter([_plain(line) for line in progress])
    for line in wanted:
        if left and left[0] == line:
            left.pop(0)
        elif line not in beside:
            return False
    return not left


def _plain(line: str) -> str:
    return _DIFFERENCE.sub("0.0e+00", line.rstrip())
