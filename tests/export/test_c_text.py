"""A text model as C: the text of a seed is Python's, in UTF-8, by the character and by the byte."""

import shutil
import subprocess
from pathlib import Path

import pytest
from small_texts import say, write_model

import qibu
from qibu import Writer
from qibu.cli.main import main
from qibu.text.writer import Manner

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
        (["--stop", b"\x98"], "stop must be UTF-8, got"),
        (["--allow", b"a\xc3"], "allow must be UTF-8, got a"),
        (["--ban", b"\xff"], "ban must be UTF-8, got"),
        (["--seed"], "usage: text"),
        (["--stop", "a", "--stop"], "usage: text"),
        (["--sing", "loud"], "usage: text"),
    ],
)
def test_bad_wishes_end_in_a_message(model: Path, arguments: list[str | bytes], told: str) -> None:
    done = run(exported(model), *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert told.encode() in done.stderr


def test_unknown_characters_are_named_as_in_python(tmp_path: Path) -> None:
    model = write_model(tmp_path / "own.onnx")
    writer: Writer = qibu.load(model)
    text = "The 龘鱻é龘"
    for name, manner in (("--start", Manner()), ("--allow", Manner(allow=text))):
        done = run(exported(model), name, text)
        with pytest.raises(qibu.QibuError) as raised:
            writer.write(text, **manner)
        told = str(raised.value).partition(",")[0]
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.decode() == f"text: {told}\n"


LETTERS = {"char": "abeor .\n", "byte": "a 春明風é🙂🙃\n"}  # which one model or the other writes
# it reaches into characters that a model seldom draws
WILD = ["--temperature", "3", "--top-k", "0", "--top-p", "1"]


def assert_same_text(
    model: Path, seeds: int, capsys: pytest.CaptureFixture[str], *arguments: str
) -> list[str]:
    """Hold C to the bytes that `qibu text` prints; give the texts of the seeds 0, 1, …"""
    texts = []
    for seed in range(seeds):
        command = [*arguments, "--seed", str(seed)]
        done = run(exported(model), *command)
        assert (done.returncode, done.stderr) == (0, b"")
        assert main(["text", str(model), *command]) == 0
        texts.append(capsys.readouterr().out)
        assert done.stdout == texts[-1].encode()
    return texts


def unit_of(model: Path) -> str:
    writer: Writer = qibu.load(model)
    return writer.unit


@pytest.mark.parametrize("stop", [" ", r"\n", "a", "never this"])
def test_a_text_ends_before_a_stop(
    model: Path, stop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = assert_same_text(model, 4, capsys, "--stop", stop, "--length", "40")
    assert not any(stop.replace(r"\n", "\n") in text.removesuffix("\n") for text in texts)


def test_beginnings_of_several_stops_are_held_back(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = "ab" if unit_of(model) == "char" else "é🙂"
    exported(model)
    capsys.readouterr()
    patterns = ["aabab", "abb", "bbba", "aaaaaaa", "bab" * 3]
    stops = [p.replace("a", letters[0]).replace("b", letters[1]) for p in patterns]
    wishes = [word for stop in stops for word in ("--stop", stop)]
    arguments = ["--allow", letters, "--length", "24", *WILD]
    whole = assert_same_text(model, 12, capsys, *arguments)
    ended = assert_same_text(model, 12, capsys, *arguments, *wishes)
    for text, shown in zip(whole, ended, strict=True):
        ends = [text.find(stop) for stop in stops if stop in text]
        assert shown != text or not ends
        assert text.startswith(shown.removesuffix("\n"))
    assert any(shown != text for text, shown in zip(whole, ended, strict=True))


def test_a_stop_is_written_with_backslashes_as_in_python(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(model)
    capsys.readouterr()
    for stop in (r"\\", r"\\n", "a\\", r"\x", r"\t", r".\n"):
        assert_same_text(model, 2, capsys, "--stop", stop, "--length", "20")


@pytest.mark.parametrize("ban", [None, "", "a春🙂", "é never known 龘"])
@pytest.mark.parametrize("whole", [True, False], ids=["allow", "all"])
def test_characters_are_allowed_and_banned(
    model: Path, ban: str | None, whole: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = LETTERS[unit_of(model)]
    exported(model)
    capsys.readouterr()
    arguments = ["--length", "16", *WILD]
    arguments += ["--allow", letters + letters] if whole else []
    arguments += [] if ban is None else ["--ban", ban + ban]
    for text in assert_same_text(model, 4, capsys, *arguments):
        written = set(text.removesuffix("\n"))
        assert not written & set(ban or "")
        assert not whole or written <= set(letters)


def test_a_beginning_whose_characters_are_all_banned_is_not_drawn(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    all_of_two = "".join(
        map(chr, (*range(0x6600, 0x6640), *range(0xC0, 0x100)))
    )  # 明 and é in them
    more_than_half_thrice = "".join(map(chr, range(0x6626, 0x6640))) * 3  # neither 明 nor 春
    exported(model)
    capsys.readouterr()
    for banned in (all_of_two, more_than_half_thrice):
        arguments = ["--ban", banned, "--length", "24"]
        for text in assert_same_text(model, 4, capsys, *arguments):
            assert not set(text) & set(banned)


def test_python_s_words_for_what_can_t_be_written(model: Path) -> None:
    writer: Writer = qibu.load(model)
    wishes: list[Manner] = [
        {"stop": ""},
        {"allow": ""},
        {"allow": "", "ban": ""},
        {"allow": "ab", "ban": "xbaab"},
        {"allow": ".\n ", "ban": " \t\n\r.\\'\x1b"},
        {"allow": "a", "ban": "'\"a"},
    ]
    if writer.unit == "char":
        wishes.append({"ban": writer.vocabulary.characters})
    for wish in wishes:
        with pytest.raises(qibu.QibuError) as raised:
            writer.write(**wish)
        command = [word for name, text in wish.items() for word in (f"--{name}", str(text))]
        done = run(exported(model), *command)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.decode() == f"text: {raised.value}\n"


def test_the_help_names_every_option(model: Path) -> None:
    done = run(exported(model), "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    for name in ("start", "length", "stop", "allow", "ban", "seed", "temperature", "top-k"):
        assert f"  --{name} ".encode() in done.stdout
    assert b"default: 400" in done.stdout and b"default: 0.8" in done.stdout


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
