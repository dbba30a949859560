"""`qibu step` and `qibu inspect` on a stranger's files."""

import io
import json
import shlex
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from graphs import cache, gru, leaky, save

from qibu import State, Stepper
from qibu.cli.main import main
from qibu.core.description import describe_path

STEPS = 30


@pytest.fixture
def sensor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a GRU over three sensors and a recording of them."""
    save(gru(), tmp_path / "gru.onnx")
    x = np.random.default_rng(0).normal(size=(STEPS, 3)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    lines = ["a,b,c", *(",".join(map(repr, row)) for row in x.astype(float).tolist())]
    (tmp_path / "x.csv").write_text("\n".join(lines) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def by_hand(folder: Path) -> list[list[float]]:
    stepper = Stepper(folder / "gru.onnx")
    state, scores = stepper.initial_state(), []
    for row in np.load(folder / "x.npy"):
        outputs, state = stepper.step({"x": row[None, None]}, state)
        scores.append(outputs["score"][0].tolist())
    return scores


def test_a_recording_is_stepped_as_by_hand(sensor: Path) -> None:
    assert main(["step", "gru.onnx", "--input", "x.npy", "--out", "y.npy"]) == 0
    assert np.load("y.npy")[:, 0].tolist() == by_hand(sensor)


def test_csv_goes_in_and_comes_out_to_the_bit(
    sensor: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["step", "gru.onnx", "--input", "x.csv"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "score[0],score[1],score[2],score[3]"
    found = [[float(np.float32(cell)) for cell in line.split(",")] for line in lines]
    assert found == by_hand(sensor)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("x.csv").read_bytes())))
    assert main(["step", "gru.onnx", "--input", "-", "--out", "y.csv"]) == 0
    assert Path("y.csv").read_text("utf-8").splitlines() == [head, *lines]


def test_a_recording_cut_in_two_and_resumed_gives_the_same_to_the_bit(sensor: Path) -> None:
    whole = np.load("x.npy")
    np.save("one.npy", whole[:11])
    np.save("two.npy", whole[11:])
    run = ["step", "gru.onnx", "--input"]
    assert main([*run, "one.npy", "--out", "1.npy", "--save-state", "s.npz"]) == 0
    assert main([*run, "two.npy", "--out", "2.npy", "--state", "s.npz"]) == 0
    joined = np.concatenate([np.load("1.npy"), np.load("2.npy")])
    assert joined[:, 0].tolist() == by_hand(sensor)


def test_inspect_tells_the_very_command_that_steps_the_file(
    sensor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", "--json", "gru.onnx"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["states"][0] == {
        "input": "h_in",
        "output": "h_out",
        "shape": [1, "batch", 4],
        "type": "float32",
        "batch_axis": 1,
        "start": 0,
    }
    assert [port["name"] for port in found["inputs"]] == ["x"]
    program, *words = shlex.split(found["step"])
    assert program == "qibu" and main([*words, "--out", "y.npy"]) == 0


def test_the_command_is_quoted_as_the_system_s_shell_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(gru(), tmp_path / "a model.onnx")
    assert str(describe_path(path)["step"]).startswith(f"qibu step '{path}' --input ")
    monkeypatch.setattr(sys, "platform", "win32")
    assert str(describe_path(path)["step"]).startswith(f'qibu step "{path}" --input ')


def test_inspect_counts_side_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    onnx.save(
        gru(), tmp_path / "m.onnx", save_as_external_data=True, location="w", size_threshold=64
    )
    assert main(["inspect", "--json", str(tmp_path / "m.onnx")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["side_files"] == ["w"]
    assert found["bytes"] == sum(file.stat().st_size for file in tmp_path.iterdir())


def test_inspect_says_what_is_left_over_and_takes_states(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(save(leaky(names=("alpha", "omega")), tmp_path / "m.onnx"))
    assert main(["inspect", path]) == 0
    out = capsys.readouterr().out
    assert "alpha" in out and "omega" in out and "states=" in out and "to step it" not in out
    assert main(["inspect", path, "--states", "alpha=omega"]) == 0
    assert "--states alpha=omega" in capsys.readouterr().out


def test_states_and_constants_are_said_on_the_command_line(tmp_path: Path) -> None:
    path = str(save(leaky(names=("alpha", "omega")), tmp_path / "m.onnx"))
    np.save(tmp_path / "x.npy", np.ones((4, 3), np.float32))
    out = str(tmp_path / "y.npy")
    arguments = ["--states", "alpha=omega", "--input", str(tmp_path / "x.npy"), "--out", out]
    assert main(["step", path, *arguments]) == 0
    assert np.load(out)[:, 0, 0].tolist() == [1, 2, 3, 4]


def test_a_recording_of_samples_is_read_a_chunk_a_step(tmp_path: Path) -> None:
    path = str(save(leaky(), tmp_path / "m.onnx"))
    np.save(tmp_path / "x.npy", np.arange(12, dtype=np.float32))
    assert (
        main(["step", path, "--input", str(tmp_path / "x.npy"), "--out", str(tmp_path / "y.npy")])
        == 0
    )
    assert np.load(tmp_path / "y.npy")[-1].tolist() == [[18, 22, 26]]


def test_outputs_that_grow_go_into_no_array(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(save(cache(), tmp_path / "m.onnx"))
    np.save(tmp_path / "x.npy", np.ones((3, 2), np.float32))
    run = ["step", path, "--input", str(tmp_path / "x.npy")]
    assert main([*run, "--save-state", str(tmp_path / "s.npz")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3,3"
    assert State.load(tmp_path / "s.npz")["past"].shape == (1, 3, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "none.npy"], "no recording 'none.npy'"),
        (["--input", "x.wav"], "ends in .npy or .csv"),
        (["--input", "odd.csv"], "line 3: 'two' is no number"),
        (["--input", "ragged.csv"], "line 2: 2 columns, the lines before have 3"),
        (["--input", "wide.npy"], "3 values a row"),
        (["--input", "pickled.npy"], "not a NumPy file of numbers"),
        (["--input", "x.npy", "--state", "x.npy"], "not a saved state"),
        (["--input", "x.npy", "--out", "y.wav"], "ends in .csv, .npy or .npz"),
        (["--input", "x.npy", "--output", "z"], "no output 'z'"),
        (["--input", "x.npy", "--set", "rate"], "NAME=VALUE"),
        (["--input", "x.npy", "--states", "h_in"], "INPUT=OUTPUT"),
        (["--input", "nan.npy"], "step 2: input 'x' has NaN"),
    ],
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(
    sensor: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("x.wav").write_bytes(b"RIFF")
    Path("odd.csv").write_text("a,b,c\n1,2,3\n1,two,3\n", "utf-8")
    Path("ragged.csv").write_text("1,2,3\n1,2\n", "utf-8")
    np.save("wide.npy", np.ones((2, 4)))
    np.save("pickled.npy", np.array([{}], object), allow_pickle=True)
    np.save("nan.npy", np.array([[1, 1, 1], [1, np.nan, 1]]))
    before = sorted(sensor.iterdir())
    out = [] if "--out" in arguments else ["--out", "y.csv"]
    assert main(["step", "gru.onnx", *arguments, *out]) == 2
    output = capsys.readouterr()
    assert message in output.err and output.err.count("\n") == 1 and not output.out
    assert sorted(sensor.iterdir()) == before
