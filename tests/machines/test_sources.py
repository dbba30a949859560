"""What a source must say itself, since a machine's own default differs."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("runtime", "train", "export", "demo", "tools", "benchmarks", "examples", "docs", "tests")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
SUBPROCESS = ("run", "Popen", "check_output", "check_call")
FIRST_TEXT = {"read_text": 0, "write_text": 1}  # where the encoding stands


def unnamed_encodings(tree: ast.AST) -> Iterator[str]:
    """Give the calls that read or write text in whichever encoding the machine prefers."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if "encoding" in named or None in named:
            continue
        said = ast.unparse(call.func)
        name = said.rpartition(".")[2]
        if (
            (name in FIRST_TEXT and "." in said and len(call.args) == FIRST_TEXT[name])
            or (said.startswith("subprocess.") and name in SUBPROCESS and "text" in named)
            or (said in ("open", "os.fdopen") and _is_text(named.get("mode"), call.args[1:]))
            or (name == "open" and _is_path(call) and _is_text(named.get("mode"), call.args))
        ):
            yield f"line {call.lineno}: {ast.unparse(call)}"


def _is_path(call: ast.Call) -> bool:
    """Say whether `.open` is a path's: it has a mode of a file's, or `with … as stream`."""
    modes = [argument for argument in call.args if isinstance(argument, ast.Constant)]
    return any(isinstance(m.value, str) and set(m.value) <= set("rwaxbt+") for m in modes)


def _is_text(mode: ast.expr | None, places: list[ast.expr]) -> bool:
    mode = mode or (places[0] if places else ast.Constant("r"))
    return isinstance(mode, ast.Constant) and "b" not in str(mode.value)


def test_every_text_has_its_encoding_named() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): odd
        for path in FILES
        if (odd := list(unnamed_encodings(ast.parse(path.read_text("utf-8")))))
    }
    assert len(FILES) > 300 and not found


@pytest.mark.parametrize(
    "odd",
    [
        "path.read_text()",
        "path.write_text(text)",
        "open(path)",
        "open(path, 'w')",
        "path.open('a')",
        "subprocess.run(command, text=True)",
    ],
)
def test_a_call_without_an_encoding_is_found(odd: str) -> None:
    assert list(unnamed_encodings(ast.parse(odd)))
    named = ast.parse(odd)
    for call in (node for node in ast.walk(named) if isinstance(node, ast.Call)):
        call.keywords.append(ast.keyword("encoding", ast.Constant("utf-8")))
    assert not list(unnamed_encodings(named))


def test_windows_leaves_the_ends_of_lines_as_they_are() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no checkout of git's")
    hashed = ["runtime/qibu/data/hashes/poems.sha256", "runtime/qibu/models/poem.onnx"]
    command = [git, "check-attr", "eol", "text", "--", *hashed]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert f"{hashed[0]}: eol: lf" in told.stdout
    assert f"{hashed[1]}: text: unset" in told.stdout
