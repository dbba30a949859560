"""`qibu export FILE.py:FACTORY`: a module from the shell."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from qibu import Stepper
from qibu.cli.main import main

FILE = """
import torch
from torch import nn
from sizes import HIDDEN

class Net(nn.Module):
    def __init__(self, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.head(self.rnn(x)[0])

def broken():
    raise RuntimeError("no luck")

def number():
    return 3
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(FILE, "utf-8")
    (tmp_path / "sizes.py").write_text("HIDDEN = 4\n", "utf-8")
    torch.manual_seed(0)
    net = torch.nn.ModuleDict(
        {"rnn": torch.nn.GRU(3, 4, batch_first=True), "head": torch.nn.Linear(4, 1)}
    )
    save_file(net.state_dict(), tmp_path / "w.safetensors")
    torch.save(net.state_dict(), tmp_path / "w.pt")
    torch.save({"epoch": 3, "state_dict": net.state_dict()}, tmp_path / "nested.pt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("weights", ["w.safetensors", "w.pt", "nested.pt"])
def test_a_module_is_made_filled_and_exported(folder: Path, weights: str) -> None:
    arguments = ["export", "net.py:Net", "--weights", weights, "--example", "x=1,1,3"]
    assert main([*arguments, "--outputs", "score", "--out", "m.onnx"]) == 0
    stepper = Stepper("m.onnx")
    assert list(stepper.inputs) == ["x"] and list(stepper.outputs) == ["score"]
    assert [pair.input for pair in stepper.pairs] == ["rnn_h_in"]
    assert main(["verify", "m.onnx"]) == 0


def test_without_names_the_file_is_called_after_the_source_and_its_output_output(
    folder: Path,
) -> None:
    assert main(["export", "net.py:Net", "--example", "x=1,1,3"]) == 0
    assert list(Stepper("net.onnx").outputs) == ["output"]


def test_the_loss_of_8_bits_is_measured_on_a_recording(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("log.npy", np.random.default_rng(0).normal(size=(50, 3)))
    arguments = ["export", "net.py:Net", "--example", "x=1,1,3", "--int8"]
    assert main([*arguments, "--recording", "x=log.npy", "--out", "m.onnx"]) == 0
    assert "in 8 bits on the recordings" in capsys.readouterr().out
    spec = Stepper("m.onnx").spec
    assert spec is not None and spec.quantization == "int8" and 0 < spec.quality["loss"] < 0.05


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("ran"),)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.py:Net", "--example", "x=1,1,3"], "no file 'none.py'"),
        (["net.py:Not", "--example", "x=1,1,3"], "has no 'Not'; it has"),
        (["net.py:broken", "--example", "x=1,1,3"], "RuntimeError: no luck"),
        (["net.py:number", "--example", "x=1,1,3"], "gives a int"),
        (["net.py:Net"], "--example x=1,1,12"),
        (["net.py:Net", "--example", "x=1,one"], "NAME=SIZES"),
        (["net.py:Net", "--example", "x=1,1,5"], "forward can't run on x"),
        (["net.py:Net", "--example", "x=1,1,3", "--weights", "none.pt"], "no weights file"),
        (["net.py:Net", "--example", "x=1,1,3", "--int8"], "--recording x=log.npy"),
        (["net.py:Net", "--example", "x=1,1,3", "--recording", "y=w.pt"], "NAME=FILE of x"),
        (["net.py:Net", "--example", "x=1,1,3", "--weights", "bomb.pt"], "could run code"),
        (["net.py:Net", "--example", "x=1,1,3", "--weights", "other.pt"], "it lacks head.bias"),
        (["net.py:Net", "--example", "x=1,1,3", "--weights", "wide.pt"], "head.weight is [1, 5]"),
        (["net.py:Net", "--example", "x=1,1,3", "--weights", "text.safetensors"], "no safetensors"),
    ],
)
def test_bad_input_is_one_line_exit_code_2_and_no_file(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bomb.pt").write_bytes(pickle.dumps(Bomb()))
    Path("text.safetensors").write_text("weights", "utf-8")
    weights = torch.load("w.pt", weights_only=True)
    torch.save({"rnn.weight_ih_l0": weights["rnn.weight_ih_l0"]}, "other.pt")
    torch.save({**weights, "head.weight": torch.zeros(1, 5)}, "wide.pt")
    assert main(["export", *arguments, "--out", "m.onnx"]) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1
    assert not Path("m.onnx").exists() and not Path("ran").exists()
