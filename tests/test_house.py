"""The house: no room but an application's own asks which application it is in."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = {"text", "digits", "poem", "poems"}
CLASSES = {
    "Poet",
    "DigitReader",
    "Reader",
    "TextNetwork",
    "PictureNetwork",
    "PoemTask",
    "PictureTask",
}
# an application's own folders, and the commands and tabs that are its faces
OWN = (
    "runtime/qibu/verse",
    "runtime/qibu/text",
    "runtime/qibu/pictures",
    "runtime/qibu/cli/poem.py",
    "runtime/qibu/cli/digit.py",
    "runtime/qibu/cli/check.py",
    "train/qibu_train/poems",
    "train/qibu_train/own_text",
    "train/qibu_train/digits",
    "export/qibu_export/poems",
    "export/qibu_export/digits",
    "demo/qibu_demo/write",
    "demo/qibu_demo/read",
    "demo/qibu_demo/look",
)
TESTS_OF_CORE = [
    path
    for path in sorted((ROOT / "tests" / "core").glob("*.py"))
    if path.stem != "rsl_rl_policy"  # run in a process of its own, as its package's own export
]
FOREIGN = ("torch", "qibu_train", "qibu_export", "qibu.verse", "qibu.pictures", "qibu.text")
FILES = [
    path
    for folder in ("runtime/qibu", "train/qibu_train", "export/qibu_export", "demo/qibu_demo")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.relative_to(ROOT).as_posix().startswith(OWN)
]


@pytest.mark.parametrize("path", TESTS_OF_CORE, ids=lambda path: path.stem)
def test_the_core_s_tests_need_no_torch_and_no_application(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    named = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    named += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    assert [name for name in named if f"{name}.".startswith(tuple(f"{f}." for f in FOREIGN))] == []


def branches(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            said = {side.value for side in sides if isinstance(side, ast.Constant)}
            if said & NAMES:
                yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
            kinds = {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)}
            if kinds & CLASSES:
                yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_of_the_core_has_no_branch_on_the_task(path: Path) -> None:
    assert list(branches(ast.parse(path.read_text("utf-8")))) == []
