"""A text model as C: the text of a seed is Python's, in UTF-8, by the character and by the byte."""

import shutil
import subprocess
from pathlib import Path

import pytest
from small_texts import say, write_model

import qibu
from qibu import Writer
from qibu.cli.main import main

COMPILER = shutil.which("gcc") or shutil.which("cc")
OPTIONS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (Debian: gcc)")


@pytest.fixture(
    scope="module",
    params=[("gru", "char", "int8"), ("lstm", "byte", "float32"), ("gru", "byte", "int8")],
    ids="-".join,
)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cell, unit, precision = request.param
    return write_model(tmp_path_factory.mktemp("c") / "own.onnx", cell, unit, precision)


def exported(model: Path) -> Path:
    """Export a file as C and build its program under sanitizers; give the folder."""
    folder = model.parent / f"{model.stem}-c"
    if not folder.exists():
        assert main(["export", str(model), "--c", str(folder)]) == 0
        sources = [str(path) for path in folder.glob("*.c") if path.name != "check.c"]
        built = ["-o", str(folder / "text"), *sources, "-lm"]
        subprocess.run([str(COMPILER), *OPTIONS, *SANITIZERS, *built], check=True)
    return folder


def run(folder: Path, *arguments: str | bytes) -> "subprocess.CompletedProcess[bytes]":
    command: list[str | bytes] = [str(folder / "text"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False)


@pytest.mark.parametrize("seed", [0, 5, 2**64 - 1])
@pytest.mark.parametrize("start", ["", "The old "])
def test_the_text_of_a_seed_is_pythons(model: Path, seed: int, start: str) -> None:
    writer: Writer = qibu.load(model)
    done = run(exported(model), "--start", start, "--seed", str(seed), "--length", "90")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{writer.write(start, seed=seed, length=90)}\n"


def test_it_draws_as_wildly_as_it_is_told(model: Path) -> None:
    writer: Writer = qibu.load(model)
    sampling = qibu.Sampling(temperature=1.5, top_k=0, top_p=0.99)
    wishes = ["--temperature", "1.5", "--top-k", "0", "--top-p", "0.99"]
    spec = writer.stepper.spec
    # float32 sums differ in their last digits, and one draw in thousands then falls the other way
    length = 60 if spec is not None and spec.quantization == "int8" else 20
    for seed in range(4):
        done = run(exported(model), "--seed", str(seed), "--length", str(length), *wishes)
        wanted = writer.write(seed=seed, length=length, sampling=sampling)
        assert done.stdout.decode() == f"{wanted}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--length", "0"], "length must be a whole number above 0, got 0"),
        (["--length", "5x"], "length must be a whole number above 0, got 5x"),
        (["--seed", "-1"], "seed must be 0..2**64-1, got -1"),
        (["--temperature", "0"], "'temperature' must be above 0, got 0"),
        (["--top-p", "2"], "'top_p' must be above 0"),
        (["--top-k", "-3"], "top_k must be 0 (all) or above, got -3"),
        (["--start", b"a\xff"], "start must be UTF-8"),
        (["--start", b"\xed\xa0\x80"], "start must be UTF-8"),  # half of a pair
        (["--seed"], "usage: text"),
        (["--sing", "loud"], "usage: text"),
    ],
)
def test_bad_wishes_end_in_a_message(model: Path, arguments: list[str | bytes], told: str) -> None:
    done = run(exported(model), *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert told.encode() in done.stderr


def test_an_unknown_character_is_named(tmp_path: Path) -> None:
    folder = exported(write_model(tmp_path / "own.onnx"))
    done = run(folder, "--start", "The 龘")
    assert done.returncode == 2 and "the model doesn't know 龘".encode() in done.stderr


def test_a_model_without_a_beginning_wants_one(tmp_path: Path) -> None:
    model = write_model(tmp_path / "own.onnx")
    writer: Writer = qibu.load(model)
    vocabulary = writer.vocabulary.to_json()
    say(model, vocabulary={**vocabulary, "controls": ["<unk>", "<other>", "<last>"]})
    folder = exported(model)
    assert b"no token for the beginning" in run(folder).stderr
    done = run(folder, "--start", "T", "--seed", "3", "--length", "20")
    again: Writer = qibu.load(model)
    assert done.stdout.decode() == f"{again.write('T', seed=3, length=20)}\n"
