import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from qibu.cli.main import COMMANDS, main


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    paper = np.full((90, 70), 250, np.uint8)
    paper[20:70, 30:38] = 20
    Image.fromarray(paper).save(tmp_path / "one.png")
    return tmp_path / "one.png"


def test_a_poem_as_json_has_what_programs_need(
    poem_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["poem", "--model", str(poem_file), "--seed", "3", "--json"]) == 0
    poem = json.loads(capsys.readouterr().out)
    assert [len(line) for line in poem["lines"]] == [7] * 4
    assert (poem["form"], poem["seed"], poem["provider"]) == ("七絕", 3, "cpu")
    assert poem["model"] == str(poem_file)


def test_a_streamed_poem_is_the_poem(poem_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["poem", "--model", str(poem_file), "--seed", "3"]
    main(arguments)
    whole = capsys.readouterr()
    main([*arguments, "--stream"])
    assert capsys.readouterr().out == whole.out
    assert "--seed 3" in whole.err


def test_a_poem_tells_what_it_keeps(poem_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poem = ["poem", "--model", str(poem_file), "--form", "五绝", "--acrostic", "春风花落"]
    assert main([*poem, "--rhyme", "东", "--script", "traditional", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [line[0] for line in told["lines"]] == list("春風花落")
    assert (told["rhyme"], told["report"]["passed"]) == ("東", True)
    assert told["pattern"] and told["mean_log_probability"] < 0
    assert main([*poem, "--report"]) == 0
    assert "✓ 韻: " in capsys.readouterr().out


def test_several_poems_are_an_object_a_line(
    poem_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    several = ["poem", "--model", str(poem_file), "--seed", "3", "--json"]
    assert main([*several, "--count", "3"]) == 0
    poems = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [poem["seed"] for poem in poems] == [3, 4, 5]
    assert main([*several, "--best-of", "3"]) == 0
    assert json.loads(capsys.readouterr().out) in poems


def test_a_digit_as_json_has_all_rows(
    digits_file: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["digit", str(picture), "--model", str(digits_file), "--json"]) == 0
    reading = json.loads(capsys.readouterr().out)
    assert np.shape(reading["rows"]) == (28, 10)
    assert reading["rows"][-1] == reading["probabilities"]
    assert reading["digit"] == np.argmax(reading["probabilities"])


def test_inspect_tells_the_states_of_any_file(
    poem_file: Path, foreign: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(poem_file)]) == 0
    assert "h_in  h_out" in capsys.readouterr().out
    assert main(["inspect", "--json", str(foreign(("h", "hn")))]) == 0
    assert json.loads(capsys.readouterr().out)["states"][0]["output"] == "hn"
    assert main(["inspect", str(foreign(("a", "b")))]) == 0
    assert "no state found" in capsys.readouterr().out


def test_bad_input_is_one_line_and_exit_code_2(
    poem_file: Path, digits_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.png"
    text.write_text("no picture", "utf-8")
    poem, digits = str(poem_file), str(digits_file)
    for arguments in (
        ["poem", "--model", "none"],
        ["poem", "--model", str(text)],
        ["poem", "--model", digits],
        ["poem", "--model", poem, "--start", "A"],
        ["poem", "--model", poem, "--start", "🙂", "--stream"],
        ["poem", "--model", poem, "--acrostic", "春風"],
        ["poem", "--model", poem, "--start", "春", "--acrostic", "風春花落"],
        ["poem", "--model", poem, "--rhyme", "x"],
        ["poem", "--model", poem, "--count", "0"],
        ["poem", "--model", poem, "--count", "2", "--best-of", "2"],
        ["poem", "--model", poem, "--stream", "--json"],
        ["poem", "--model", poem, "--form", "sonnet"],
        ["poem", "--model", poem, "--temperature", "0"],
        ["poem", "--model", poem, "--provider", "qnn"],
        ["digit", "--model", digits, str(text)],
        ["digit", "--model", digits, str(tmp_path / "none.png")],
        ["digit", "--model", poem, str(text)],
        ["inspect", str(text)],
        ["evaluate", "poem", digits],
        ["evaluate", "poem", poem, "--from", str(tmp_path)],
        ["evaluate", "digits", digits, "--from", str(tmp_path)],
        ["sing"],
    ):
        assert main(arguments) == 2, arguments
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.count("\n") == 1 and output.err.startswith("qibu"), arguments


def test_the_program_alone_shows_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    capsys.readouterr()
    assert main(["--help"]) == 0
    help_text = capsys.readouterr().out
    assert all(f"  {name} " in help_text for name in COMMANDS)
    assert main(["--version"]) == 0


def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] in ("qibu_demo", "gradio")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert main(["demo"]) == 2
    assert "pip install 'qibu[demo]'" in capsys.readouterr().err


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch, poem_file: Path) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qibu.cli.poem.load", interrupt)
    assert main(["poem", "--model", str(poem_file)]) == 130


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qibu.cli.poem.load", fail)
    assert main(["poem"]) == 2


BLOCKED = """
import sys
for name in ("torch", "onnx", "gradio", "tqdm", "platformdirs", "PIL"):
    sys.modules[name] = None
import qibu
from qibu.cli.main import main
print(sorted(set(qibu.__all__) - set(dir(qibu))))
sys.exit(main(["poem", "--model", sys.argv[1], "--seed", "1"]))
"""


def test_the_base_package_needs_nothing_optional(poem_file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, poem_file],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[]\n")


def test_everything_public_is_in_all() -> None:
    import qibu

    for name in qibu.__all__:
        assert getattr(qibu, name).__module__.startswith("qibu.")
    # what type checkers are told is what there is
    tree = ast.parse(Path(qibu.__file__ or "").read_text("utf-8"))
    told = {
        (alias.name, node.module)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == set(qibu._HOMES.items())
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(qibu, "nothing")  # noqa: B009


def test_importing_the_package_reads_no_numpy() -> None:
    code = "import sys, qibu; sys.exit(sorted({'numpy', 'onnxruntime'} & set(sys.modules)) != [])"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_poem_leaves_nothing_at_home(poem_file: Path, tmp_path: Path) -> None:
    # onnxruntime's telemetry would, where it isn't told that it runs in CI
    silenced = ("CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    settings = {name: value for name, value in os.environ.items() if name not in silenced}
    command = [sys.executable, "-m", "qibu", "poem", "--model", str(poem_file), "--seed", "1"]
    home = tmp_path / "home"
    home.mkdir()
    subprocess.run(command, env={**settings, "HOME": str(home)}, check=True)
    assert not list(home.rglob("*"))
