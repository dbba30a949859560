"""What Python computes, for the module in JavaScript to be held to, and the page served."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import public_files
import pytest
from documents import judged, judged_parts
from named_graphs import named_graphs, read_names, said
from node_packages import installed
from own_pictures import pixels_with_greys, read_by_python, write_own
from small_texts import write_model
from stranger_files import described, stepped, write_all, write_old
from stranger_mistakes import mistakes, told, write_contradictions
from test_public_files import fetched

import qibu
from qibu import DigitReader, Poet, Sampling, Writer
from qibu.bundled import model_path
from qibu.pictures.mnist_picture import to_mnist
from qibu.text.seeded_random import uniform_numbers
from qibu.verse.forms import FORMS as VERSE_FORMS
from qibu.verse.tables import verse_tables
from qibu_export.command import main

ROOT = Path(__file__).parents[2]
SEEDS = range(24)
FORMS = ("七絕", "五律", "五絕", "七律", "五排", "七古", "古風", "雜言")
ACROSTICS = {4: "春江花月", 8: "春江花月夜山水天", 12: "春江花月夜山水天春江花月"}


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Install what package.json names, unless it is there."""
    try:
        return installed()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def site(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the page with the bundled models."""
    folder = tmp_path_factory.mktemp("web") / "site"
    runtime = node_modules / "onnxruntime-web" / "dist"
    assert main(["poem", "digits", "--web", str(folder), "--from", str(runtime)]) == 0
    return folder


@pytest.fixture(scope="session")
def poet() -> Poet:
    return qibu.load("poem")


@pytest.fixture(scope="session")
def reader() -> DigitReader:
    return qibu.load("digits")


def wishes(seed: int) -> dict[str, Any]:
    """Wish something else of the poem of every seed."""
    form = FORMS[seed % len(FORMS)]
    shape = VERSE_FORMS[form]
    found: list[dict[str, Any]] = [
        {"title": "山居", "author": "李白"},
        {"start": "春风", "script": "traditional"},
        {"repetition": 0.3, "best_of": 3},
    ]
    if shape.line_count:
        found.append({"acrostic": ACROSTICS[shape.line_count]})
    if shape.regulated:
        found += [{"rhyme": "东"}, {"rhyme": "来"}, {"pattern": "仄起"}]
    return {"form": form, **found[seed // len(FORMS) % len(found)]}


@pytest.fixture(scope="session")
def expected(
    site: Path, poet: Poet, reader: DigitReader, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write a folder of what Python computes."""
    folder = tmp_path_factory.mktemp("expected")
    state = poet.stepper.initial_state(3)
    _, state = poet.stepper.step({"tokens": [[60], [70], [80]]}, state)
    state.save(folder / "state.npz")
    strangers = folder / "strangers"
    strangers.mkdir()
    write_all(strangers)
    write_contradictions(strangers)
    for task, name in (("digits", "digits"), ("text", "poem")):
        write_old(model_path(name), task, strangers / f"old-{task}.onnx")
    contents = {
        "paths": {
            "site": str(site),
            "traces": str(ROOT / "tests" / "traces"),
            "models": str(ROOT / "runtime" / "qibu" / "models"),
        },
        "verse": verse_tables(),
        "uniform": {
            str(seed): list(map(float, islice(uniform_numbers(seed), 8)))
            for seed in (0, 7, 2**53 + 1, 2**64 - 1)
        },
        "poems": [_poem(poet, seed) for seed in SEEDS],
        "texts": _texts(folder),
        "textErrors": _text_messages(folder),
        "state": {name: array.ravel().tolist() for name, array in state.items()},
        "digits": [_reading(reader, grey) for grey in _drawings()],
        "ownPictures": read_by_python(write_own(folder / "own.onnx")),
        "pixels": pixels_with_greys(),
        "errors": _messages(poet, reader),
        "documents": judged(),
        "parts": judged_parts(),
        "strangers": stepped(strangers),
        "strangerErrors": told(strangers, mistakes(strangers)),
        "graphs": named_graphs(),
        "sayings": said(),
        "names": read_names(),
        "onnx": {
            str(path): described(path)
            for path in [*strangers.glob("*.onnx"), *map(model_path, ("poem", "digits"))]
        },
        "public": _public(folder),
    }
    (folder / "expected.json").write_text(json.dumps(contents, ensure_ascii=False), "utf-8")
    return folder


def _public(folder: Path) -> list[dict[str, Any]]:
    """Lay out the files of public packages that were fetched, with what each takes."""
    found = []
    for number, file in enumerate(public_files.FILES):
        place = folder / f"public-{number}"
        place.mkdir()
        try:
            path = fetched(file.archive, file.path, place)
        except pytest.skip.Exception:
            continue
        found.append({**asdict(file), "name": str(file), "path": str(path)})
    return found


def _poem(poet: Poet, seed: int) -> dict[str, Any]:
    wished = wishes(seed)
    poem = poet.compose(seed=seed, **wished)
    return {
        "seed": seed,
        "wishes": wished,
        "text": poem.text,
        "traditional": poem.traditional,
        "chosen": poem.seed,
        "pattern": poem.pattern,
        "rhyme": poem.rhyme,
        "mean_log_probability": poem.mean_log_probability,
    }


# what is wished of texts, by Python's names, beside a seed
MANNERS: tuple[dict[str, Any], ...] = (
    {},
    {"start": "The old ", "length": 90},
    {"stop": ["\n", "。"], "length": 300},
    {"ban": "aeo春月", "length": 60},
    {"allow": "The cat春風明月é🙂", "length": 40, "stop": "月風"},
    {"start": "Thé", "on_unknown": "replace", "length": 60},
    {"start": "Th龘", "on_unknown": "skip", "length": 60},
)


def _texts(folder: Path) -> list[dict[str, Any]]:
    """Write texts with small models, by the character and by the byte."""
    found = []
    for cell, unit in (("gru", "char"), ("lstm", "byte")):
        name = f"{cell}-{unit}"
        writer = qibu.load(write_model(folder / f"{name}.onnx", cell, unit, "int8"))  # type: ignore[arg-type]
        assert isinstance(writer, Writer)
        writer.read("The old ").save(folder / f"{name}.npz")
        for number, manner in enumerate(MANNERS):
            for seed in (number, 2**64 - 1 - number):
                if unit == "byte" or manner.get("allow") is None:
                    writing = writer.write(seed=seed, **manner)
                    told = {"text": writing.text, "ended": writing.ended, "seed": str(seed)}
                    found.append({"model": name, "manner": manner, **told})
    return found


def _text_messages(folder: Path) -> dict[str, str]:
    """Make every mistake with a writer once."""
    writer: Writer = qibu.load(folder / "gru-char.onnx")
    digits = qibu.load("digits")
    mistakes: dict[str, Callable[[], object]] = {
        "length": lambda: writer.stream(length=0),
        "stop": lambda: writer.stream(stop=""),
        "nothing left": lambda: writer.stream(allow="ab", ban="ba"),
        "unknown": lambda: writer.stream("龘"),
        "word": lambda: writer.stream(on_unknown="guess"),  # type: ignore[arg-type]
        "state": lambda: writer.stream(state=digits.stepper.initial_state()),
        "states": lambda: writer.stream(state=writer.read("The").fork(2)),
    }
    found = {}
    for name, mistake in mistakes.items():
        with pytest.raises(qibu.QibuError) as caught:
            mistake()
        found[name] = f"{type(caught.value).__name__}: {caught.value}"
    return found


def _drawings() -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
    """Draw lines on paper: plain, thin, over the border, unevenly lit."""
    y, x = np.mgrid[:140, :120].astype(np.float32)
    for width, shift, light in ((7, 0, 0.0), (1.2, 0, 0.0), (6, -45, 0.0), (7, 0, 0.3)):
        bar = (np.abs(y - 30) < width) & (x > 30 + shift) & (x < 85)
        leg = (np.abs(x - 85 + (y - 30) / 2.2) < width) & (y > 25) & (y < 118)
        paper = 0.95 - light * (x / 120) ** 2 - light / 2 * y / 140
        yield np.where(bar | leg, paper * np.float32(0.25), paper).astype(np.float32)


def _reading(reader: DigitReader, grey: np.ndarray[Any, np.dtype[np.float32]]) -> dict[str, Any]:
    picture = to_mnist(grey)
    reading = reader.read(picture)
    return {
        "grey": grey.tolist(),
        "picture": picture.tolist(),
        "digit": reading.digit,
        "probabilities": reading.probabilities.tolist(),
    }


def _messages(poet: Poet, reader: DigitReader) -> dict[str, str]:
    """Make every mistake once; the module makes the same ones under the same names."""
    step, start = poet.stepper.step, poet.stepper.initial_state
    token = {"tokens": [[5]]}
    faint = np.ones((50, 50), np.float32)
    faint[25, 25] = 0.97
    mistakes: dict[str, Callable[[], object]] = {
        "batch": lambda: start(0),
        "unknown input": lambda: step({"token": [[5]]}, start()),
        "missing input": lambda: step({}, start()),
        "shape": lambda: step({"tokens": [5]}, start()),
        "empty": lambda: step({"tokens": np.zeros((1, 0), np.int64)}, start()),
        "another batch": lambda: step(token, start(2)),
        "fraction": lambda: step({"tokens": [[0.5]]}, start()),
        "token": lambda: step({"tokens": [[999_999]]}, start()),
        "uniform": lambda: step({**token, "uniform": [1.5]}, start()),
        "NaN": lambda: step({**token, "temperature": [np.nan]}, start()),
        "count": lambda: start().fork(0),
        "stack": lambda: qibu.State.stack([]),
        "two models": lambda: qibu.State.stack([start(), reader.stepper.initial_state()]),
        "seed": lambda: poet.compose(seed=2**64),
        "form": lambda: poet.compose("八絕"),
        "lines": lambda: poet.compose("五律", lines=10),
        "odd lines": lambda: poet.compose("七排", lines=11),
        "line length": lambda: poet.compose("古風", line_length=1),
        "rhyme": lambda: poet.compose(rhyme="喵"),
        "oblique rhyme": lambda: poet.compose(rhyme="月"),
        "pattern": lambda: poet.compose(pattern="起句"),
        "long start": lambda: poet.compose(start="春眠不覺曉處處聞啼鳥"),
        "acrostic": lambda: poet.compose(acrostic="春江"),
        "two beginnings": lambda: poet.compose(start="花", acrostic="春江花月"),
        "unknown character": lambda: poet.compose(start="Qibu"),
        "author": lambda: poet.compose(author="莎士比亞"),
        "script": lambda: poet.compose(script="latin"),  # type: ignore[arg-type]
        "number of poems": lambda: poet.compose_many(0),
        "temperature": lambda: Sampling(temperature=0),
        "top_p": lambda: Sampling(top_p=1.5),
        "picture": lambda: reader.read(np.zeros((28, 27), np.float32)),
        "ink": lambda: reader.read(np.full((28, 28), 1.5, np.float32)),
        "no ink": lambda: to_mnist(faint),
    }
    found = {}
    for name, mistake in mistakes.items():
        with pytest.raises(qibu.QibuError) as caught:
            mistake()
        found[name] = f"{type(caught.value).__name__}: {caught.value}"
    return found


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve folders, each under its own name, without any header of its own."""
    with ExitStack() as stack:

        def start(folder: Path) -> str:
            handler = partial(_Quiet, directory=str(folder.parent))
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            thread = Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/{folder.name}/"

        yield start


@pytest.fixture(scope="session")
def address(site: Path, serve: Callable[[Path], str]) -> str:
    """Serve the page."""
    return serve(site)
