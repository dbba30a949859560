"""The page as a Hugging Face Space: a folder that starts as it is."""

import shutil
from importlib.metadata import version
from pathlib import Path

import qibu
import qibu_demo
from qibu.core.errors import InputError

_README = """\
---
title: 七步 Qibu
emoji: 🖌️
colorFrom: red
colorTo: yellow
sdk: gradio
sdk_version: {gradio}
app_file: app.py
license: mit
short_description: Tiny recurrent networks write Tang poems, state and all
---

# 七步 Qibu

Small recurrent networks that write Tang poems and read handwritten digits, one step at a time,
with numpy and onnxruntime alone. Made by `qibu demo --space`; `python app.py` starts it anywhere.
"""
_APP = '''\
"""Serve Qibu's page."""

import sys

from qibu_demo.command import main

if __name__ == "__main__":
    raise SystemExit(main(["--host", "0.0.0.0", *sys.argv[1:]]))
'''
_PACKAGES = ("gradio", "numpy", "onnxruntime", "pillow")
_ATTRIBUTES = "*.onnx filter=lfs diff=lfs merge=lfs -text\n"


def write_space(folder: Path) -> None:
    """Write a complete Space: its description, what it needs, the program and the models.

    Files of other names stay, so that a clone of the Space can be brought up to date.

    Raises:
        InputError: the path is a file, or holds something that isn't a Space.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--space wants a folder, {folder} is a file")
    app = folder / "app.py"
    ours = app.is_file() and "qibu_demo" in app.read_text("utf-8", "replace")
    strange = (
        []
        if ours or not folder.exists()
        else [
            path
            for path in folder.iterdir()
            if path.name not in (".git", ".gitattributes", "README.md")
        ]
    )  # a Space that was just made has these
    if strange:
        raise InputError(
            f"{folder} holds other files, such as {strange[0].name}; give an empty one"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for module in (qibu, qibu_demo):
        source = Path(str(module.__file__)).parent
        target = folder / source.name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=_left_out)
    versions = {name: version(name) for name in _PACKAGES}
    requirements = "".join(f"{name}=={number}\n" for name, number in versions.items())
    for name, text in (
        ("README.md", _README.format(gradio=versions["gradio"])),
        ("requirements.txt", requirements),
        (".gitattributes", _ATTRIBUTES),
        ("app.py", _APP),
    ):
        (folder / name).write_text(text, "utf-8")


def _left_out(folder: str, names: list[str]) -> list[str]:
    # a Space runs on its CPU, where the weights in 8 bits are used
    return [name for name in names if name in ("__pycache__", "float")]
